"""The index finds exactly what was written and committed, however it is cut, merged, cut short and reopened."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.kit import index
from hedgerow.kit.index import Entries, Gap, Index, no_entries

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Key = tuple[int, int]
KEY = st.tuples(st.sampled_from([0, 1, 2, (1 << 64) - 1]), st.integers(0, 2))
WRITES = st.lists(st.lists(st.tuples(KEY, st.integers(-3, 3), st.integers(0, 2)), max_size=6), max_size=12)


def _entries(rows: list[tuple[Key, int, int]]) -> Entries:
    return Entries(
        np.array([key[0] for key, _, _ in rows], np.uint64),
        np.array([key[1] for key, _, _ in rows], np.uint64),
        np.array([value for _, value, _ in rows], np.int64),
        np.array([owner for _, _, owner in rows], np.int64),
    )


def _found(opened: Index, keys: list[Key]) -> Counter[tuple[Key, int, int]]:
    asked = _entries([(key, 0, 0) for key in keys])
    hits = opened.find(asked.high, asked.low)
    rows = zip(hits.place.tolist(), hits.value.tolist(), hits.owner.tolist(), strict=True)
    return Counter((keys[place], value, owner) for place, value, owner in rows)


ALL = [(high, low) for high in (0, 1, 2, 3, (1 << 64) - 1) for low in range(4)]


@QUICK
@given(writes=WRITES, run=st.integers(2, 4), slice_=st.integers(1, 8))
def test_every_entry_written_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[tuple[Key, int, int]]], run: int, slice_: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "RUN", run)
        patch.setattr(index, "_SLICE", slice_)
        patch.setattr(index, "PAGE", 1 << (slice_ % 3))
        opened = Index(folder, 0)
        for number, rows in enumerate(writes, 1):
            opened.write(number, _entries(rows))
            opened.merge()
        expected = Counter(row for rows in writes for row in rows)
        assert _found(opened, ALL) == expected
        assert len(opened) == sum(expected.values())
        assert _found(Index(folder, len(writes)), ALL) == expected
        made = Index.made(folder, len(writes), iter([_entries(rows) for rows in writes]))
        assert _found(made, ALL) == expected


@QUICK
@given(writes=WRITES.filter(lambda writes: len(writes) > 1), data=st.data())
def test_a_write_that_was_not_committed_does_not_count(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[tuple[Key, int, int]]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("index")
    opened = Index(folder, 0)
    for number, rows in enumerate(writes, 1):
        opened.write(number, _entries(rows))
    committed = data.draw(st.integers(0, len(writes)))
    again = Index(folder, committed)
    assert _found(again, ALL) == Counter(row for rows in writes[:committed] for row in rows)


def test_an_index_that_lacks_a_committed_write_says_so(tmp_path: Path) -> None:
    opened = Index(tmp_path, 0)
    opened.write(1, no_entries())
    opened.write(2, no_entries())
    (tmp_path / f"{1:012d}-{1:012d}.sorted").unlink()
    with pytest.raises(Gap):
        Index(tmp_path, 2)
    with pytest.raises(Gap):
        Index(tmp_path, 3)


def test_a_merge_cut_short_leaves_each_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "RUN", 2)
    opened = Index(tmp_path, 0)
    for number in (1, 2):
        opened.write(number, _entries([((number, 0), number, 0)]))
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    opened.merge()
    monkeypatch.undo()
    assert len(list(tmp_path.glob("*.sorted"))) == 3
    assert _found(Index(tmp_path, 2), [(1, 0), (2, 0)]) == Counter({((1, 0), 1, 0): 1, ((2, 0), 2, 0): 1})
    assert len(list(tmp_path.glob("*.sorted"))) == 1


def test_a_lookup_meets_few_segments(tmp_path: Path) -> None:
    opened = Index(tmp_path, 0)
    for number in range(1, 200):
        opened.write(number, _entries([((number, 0), 0, 0)]))
        opened.merge()
    assert len(opened._segments) < 4 * index.RUN
