"""Moments: a score at each row's own instant is the score at that instant, and no passing of a number is missed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hedgerow import mill
from hedgerow.kit.clock import instant, microseconds
from hedgerow.ledger import Touch, Workspace, create_workspace
from hedgerow.people import clusters
from hedgerow.score import scores, scores_at

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MINUTE = 60_000_000
DID: tuple[dict[str, Any], ...] = (
    {"verb": "submit", "object": "demo"}, {"verb": "view", "url": "https://x.example/pricing"},
    {"verb": "download"}, {"verb": "unsubscribe"}, {"verb": "create", "relation": "reply", "channel": "Community"},
)  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Forty people, each with some touches over a month, some of whom say what they are."""
    made, chance = create_workspace(Path(tmp_path_factory.mktemp("moments")) / "w", "Test"), np.random.default_rng(3)
    touches = []
    for number in range(40):
        who, times = f"email:p{number}@acme{number}.example", int(chance.integers(1, 12))
        for place in range(times):
            at = START + timedelta(minutes=float(chance.uniform(0, 40_000)))
            touches.append(Touch(occurred_at=at, source="web", actor=who, sender_id=f"{number}-{place}",
                                 **DID[int(chance.integers(0, len(DID)))]))  # fmt: skip
        if number % 3 == 0:
            touches.append(Touch(occurred_at=START, source="web", verb="identify", actor=who,
                                 properties='{"role": "Head of IT", "country": "DE"}'))  # fmt: skip
    made.inbox.accept(touches)
    mill.turn(made)
    yield made
    made.close()


def _asked(workspace: Workspace, *days: float) -> pa.Table:
    people = np.unique(clusters(workspace).person)
    instants = [microseconds(START + timedelta(days=day)) for day in days]
    pairs = [(int(person), at) for person in people for at in instants]
    return pa.table({"row": range(len(pairs)), "person": [p for p, _ in pairs], "instant": [at for _, at in pairs]})


def test_rows_of_several_instants_are_what_each_instant_gives(market: Workspace) -> None:
    asked = _asked(market, 0.5, 9, 31)
    found = {row["row"]: row for row in scores_at(market, asked).to_pylist()}
    seen = 0
    for day in (0.5, 9, 31):
        at = START + timedelta(days=day)
        expected = {row["person"]: row for row in scores(market, at).to_pylist()}
        rows = [row for row in asked.to_pylist() if row["instant"] == microseconds(at)]
        assert {row["person"] for row in rows if row["row"] in found} == set(expected)
        for row in rows:
            for name in ("score", "fit", "engagement"):
                assert found.get(row["row"], {}).get(name) == expected.get(row["person"], {}).get(name)
            seen += row["row"] in found
    assert seen > 60


@pytest.mark.parametrize("marks", [((30, 12.5, 5), ()), ((), (20, 10, 1)), ((8,), (15,))])
def test_a_number_is_passed_at_the_minute_that_is_found_and_never_before(
    market: Workspace, marks: tuple[tuple[float, ...], tuple[float, ...]]
) -> None:
    asked = _asked(market, 31)
    found = scores_at(market, asked, *marks).to_pylist()
    person = dict(zip(asked["row"].to_pylist(), asked["person"].to_pylist(), strict=True))
    passing = [row for row in found if row["passes_at"] is not None]
    assert len(passing) > 5
    for row in passing:
        begin, end = microseconds(START + timedelta(days=31)), row["passes_at"]
        assert end % MINUTE == 0
        moments = [*np.linspace(begin, end - MINUTE, 12).astype(np.int64).tolist(), end]
        whole = pa.table({"row": range(13), "person": [person[row["row"]]] * 13, "instant": moments})
        *sides, last = [_side(each, marks) for each in scores_at(market, whole).to_pylist()]
        assert set(sides) == {sides[0]}
        assert last != sides[0]


def test_whoever_passes_no_number_never_will(market: Workspace) -> None:
    marks = ((30.0, 12.5, 5.0), (20.0, 1.0))
    asked = _asked(market, 31)
    person = dict(zip(asked["row"].to_pylist(), asked["person"].to_pylist(), strict=True))
    staying = [row for row in scores_at(market, asked, *marks).to_pylist() if row["passes_at"] is None]
    assert staying
    for row in staying:
        later = scores(market, START + timedelta(days=5_000), people=pa.array([person[row["row"]]])).to_pylist()
        assert _side(later[0], marks) == _side(row, marks)


def test_from_wherever_it_is_looked_at_it_is_the_same_minute(market: Workspace) -> None:
    first = {row["row"]: row for row in scores_at(market, _asked(market, 31), (12.5, 5)).to_pylist()}
    again = scores_at(market, _asked(market, 31.7), (12.5, 5)).to_pylist()
    same = [row for row in again if (first[row["row"]]["passes_at"] or 0) > microseconds(START + timedelta(days=31.7))]
    assert len(same) > 5
    for row in same:
        assert instant(row["passes_at"]) == instant(first[row["row"]]["passes_at"])


def _side(row: dict[str, Any], marks: tuple[tuple[float, ...], tuple[float, ...]]) -> tuple[Any, ...]:
    said = ((row["score"], marks[0]), (row["engagement"], marks[1]))
    return tuple((value > mark) - (value < mark) for value, each in said for mark in each)


def test_nobody_asked_for_is_nobody_found(market: Workspace) -> None:
    empty = pa.table({name: pa.array([], pa.int64()) for name in ("row", "person", "instant")})
    assert scores_at(market, empty, (50,), (50,)).num_rows == 0
