"""The walk: touches in order, cut at outcomes, whatever order they came in."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.journeys import Paths
from hedgerow.journeys.reading import Outcomes, Steps
from hedgerow.journeys.sessions import session_of
from hedgerow.journeys.walk import DAY, blocks, in_order

CASES = yaml.safe_load((Path(__file__).parent / "walk" / "walk.yaml").read_text("utf-8"))
Row = tuple[int, int, int, int]
"""unit, microseconds, tie, label"""


def _steps(rows: list[Row], labels: tuple[str, ...]) -> Steps:
    unit, at, tie, label = (np.array([row[i] for row in rows], np.int64) for i in range(4))
    return Steps(unit.astype(np.int32), at, tie.astype(np.int32), label.astype(np.int16), labels)


def _outcomes(rows: list[tuple[int, int, int]]) -> Outcomes:
    unit, at, value = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    ids = pa.chunked_array([pa.array([str(place) for place in range(len(rows))], pa.string())])
    return Outcomes(unit.astype(np.int32), at, value, np.zeros(len(rows), np.int16), ("EUR",), ids)


def _said(paths: Paths) -> list[str]:
    lines = []
    for i in range(len(paths.unit)):
        names = [paths.labels[code] for code in paths.label[paths.bounds[i] : paths.bounds[i + 1]]]
        worth = paths.value[i] if paths.converted[i] else "none"
        lines.append(f"{paths.unit[i]}: {' '.join([*names, '='])} {worth}")
    return lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_the_walk(case: dict[str, Any]) -> None:
    touches = [text.split() for text in case["touches"]]
    labels = tuple(sorted({name for _, _, name in touches}))
    rows = [(int(u), int(day) * DAY, 0, labels.index(name)) for u, day, name in touches]
    ends = [(int(u), int(day) * DAY, int(value)) for u, day, value in (text.split() for text in case["outcomes"])]
    made = list(blocks(_steps(rows, labels), _outcomes(ends), case.get("lookback", 36_500)))
    assert [line for paths in made for line in _said(paths)] == case["journeys"]


def _brute(rows: list[Row], ends: list[tuple[int, int, int]], lookback: int) -> list[tuple[int, list[int], int | None]]:
    """The same by the words of the rule: one unit, one touch at a time."""
    journeys: list[tuple[int, list[int], int | None]] = []
    for unit in sorted({row[0] for row in rows} | {end[0] for end in ends}):
        mine = [(at, 0, tie, label) for u, at, tie, label in rows if u == unit]
        mine += [(at, 1, place, value) for place, (u, at, value) in enumerate(ends) if u == unit]
        walked: list[tuple[int, int]] = []
        for at, kind, _, what in sorted(mine):
            if kind:
                journeys.append((unit, [label for t, label in walked if t >= at - lookback], what))
                walked = []
            else:
                walked.append((at, what))
        if walked:
            last = walked[-1][0]
            journeys.append((unit, [label for t, label in walked if t >= last - lookback], None))
    return journeys


_ROW = st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 2**31 - 1), st.integers(0, 2))
_END = st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(-5, 99))


@settings(max_examples=150, deadline=None)
@given(st.lists(_ROW, max_size=30, unique_by=lambda row: row[2]), st.lists(_END, max_size=8), st.randoms(), st.data())
def test_any_order_of_arrival_and_any_blocks_give_the_journeys_of_the_rule(
    rows: list[Row], ends: list[tuple[int, int, int]], shuffled: Any, data: st.DataObject
) -> None:
    scale = data.draw(st.sampled_from([1, DAY, 40 * DAY]))
    rows = [(u, at * scale, tie, label) for u, at, tie, label in rows]
    ends = sorted({(u, at * scale): (u, at * scale, value) for u, at, value in ends}.values())
    shuffled.shuffle(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["hedgerow.journeys.walk"], "BLOCK", data.draw(st.sampled_from([1, 5, 1 << 22])))
        made = list(blocks(_steps(rows, ("a", "b", "c")), _outcomes(ends), 90))
    found = [
        (int(p.unit[i]), p.label[p.bounds[i] : p.bounds[i + 1]].tolist(), int(p.value[i]) if p.converted[i] else None)
        for p in made
        for i in range(len(p.unit))
    ]
    assert found == _brute(rows, ends, 90 * DAY)


def test_times_too_far_apart_to_pack_are_still_in_order() -> None:
    chance = np.random.default_rng(3)
    unit = chance.integers(0, 1 << 30, 5000).astype(np.int32)
    unit[:2500] = unit[2500:]
    at = chance.integers(0, 1 << 51, 5000)
    at[:1000] = at[2500:3500] + chance.integers(-3, 3, 1000)
    tie = chance.integers(0, 1 << 31, 5000).astype(np.int32)
    order = in_order(unit, at, tie, 4000)
    assert order.tolist() == np.lexsort((tie, np.arange(5000) >= 4000, at, unit)).tolist()


def test_thirty_minutes_of_silence_end_a_session() -> None:
    minute = 60_000_000
    at = np.array([0, 29, 58, 88, 89, 0]) * minute
    assert session_of(np.array([1, 1, 1, 1, 1, 2]), at, 30).tolist() == [0, 0, 0, 1, 1, 2]
