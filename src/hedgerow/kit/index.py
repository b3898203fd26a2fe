"""An index: 128-bit keys, each with a 64-bit value and an owner, in sorted immutable segments on disk.

A log-structured merge tree in the sense of O'Neil et al. 1996: each write leaves one sorted segment, and runs
of eight segments of like size are merged, so a lookup meets few segments and its cost a key hardly grows with
the index. A segment is named for the writes it holds (`000000000003-000000000010.sorted`) and counts only up to
the write its owner says was committed; what a crash left behind is removed when the index is opened. In its file
the four columns follow each other, and behind them the first key of each page, by which a page is found.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

RUN = 8
_SLICE = 1 << 21
PAGE = 64
"""Entries in a page."""

_WORD = 8


@dataclass(frozen=True)
class Entries:
    """Keys (`high`, `low`), each with its `value` and `owner`: four columns of one length."""

    high: U64
    low: U64
    value: I64
    owner: I64

    def __len__(self) -> int:
        return len(self.high)

    def take(self, places: NDArray[np.intp]) -> "Entries":
        """Return the entries at `places`, in that order."""
        return Entries(self.high[places], self.low[places], self.value[places], self.owner[places])

    def sorted(self) -> "Entries":
        """Return the entries ordered by the high half of their key, equal ones as they stood."""
        return self.take(np.argsort(self.high, kind="stable"))


def no_entries() -> Entries:
    """Return no entries at all."""
    empty = np.zeros(0, np.uint64)
    return Entries(empty, empty, empty.view(np.int64), empty.view(np.int64))


@dataclass(frozen=True)
class Hits:
    """What a lookup found: the place of the key asked for, and the entry's value and owner."""

    place: I64
    value: I64
    owner: I64


@dataclass
class _Segment:
    file: Path
    first: int
    last: int
    count: int

    def column(self, number: int, start: int, stop: int, whole: bool = False) -> U64:
        """Return some of a column, mapped; `whole` says that most of it will be looked at."""
        if stop <= start:
            return np.zeros(0, np.uint64)
        place = (number * self.count + start) * _WORD
        begin = place - place % mmap.ALLOCATIONGRANULARITY
        flags = mmap.MAP_SHARED | (getattr(mmap, "MAP_POPULATE", 0) if whole else 0)
        with self.file.open("rb") as file:
            length = place - begin + (stop - start) * _WORD
            mapped = mmap.mmap(file.fileno(), length, flags, mmap.PROT_READ, offset=begin)
        return np.frombuffer(mapped, np.uint64, stop - start, place - begin)

    @cached_property
    def fences(self) -> U64:
        """The first key of each page."""
        return np.fromfile(self.file, np.uint64, offset=4 * self.count * _WORD)

    def read(self, start: int, stop: int) -> Entries:
        high, low, value, owner = (np.array(self.column(number, start, stop)) for number in range(4))
        return Entries(high, low, value.view(np.int64), owner.view(np.int64))


class Gap(Exception):
    """The index lacks a committed write: it must be made again from the table it belongs to."""


class Index:
    """The index in `folder`, as of the write `committed`; raises `Gap` where it can't answer for that."""

    def __init__(self, folder: Path, committed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segments = _clean(folder, committed)
        self.last = committed

    @classmethod
    def made(cls, folder: Path, committed: int, entries: Iterator[Entries]) -> "Index":
        """Return an index made anew from all its entries, which replaces whatever the folder held."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.sorted"):
            file.unlink()
        parts = []
        for number, part in enumerate(entries):
            file = folder / f"{number:012d}.part"
            _store(file, [part.sorted()], len(part))
            parts.append(_Segment(file, 0, 0, len(part)))
        if committed:
            whole = folder / f"{1:012d}-{committed:012d}.sorted"
            _store(whole, _merged(parts), sum(part.count for part in parts))
        return cls(folder, committed)

    def __len__(self) -> int:
        return sum(segment.count for segment in self._segments)

    def highest(self) -> int:
        """Return the highest value of the latest writes that have entries, -1 where none has."""
        last = next((segment for segment in reversed(self._segments) if segment.count), None)
        return int(last.column(2, 0, last.count).view(np.int64).max()) if last else -1

    def find(self, high: U64, low: U64) -> Hits:
        """Return every entry whose key equals one asked for; a key may have several entries, or none."""
        order = np.argsort(high)
        high, low = high[order], low[order]
        found = [hits for segment in self._segments for hits in _search(segment, high, low)]
        if not found:
            nothing = np.zeros(0, np.int64)
            return Hits(nothing, nothing, nothing)
        place, value, owner = (np.concatenate(column) for column in zip(*found, strict=True))
        return Hits(order[place].astype(np.int64), value, owner)

    def write(self, number: int, entries: Entries) -> None:
        """Keep the entries of write `number` durably; they count once the caller has committed it."""
        file = self._folder / f"{number:012d}-{number:012d}.sorted"
        _store(file, [entries.sorted()], len(entries))
        self._segments.append(_Segment(file, number, number, len(entries)))
        self.last = number

    def merge(self) -> None:
        """Merge runs of like segments; call it when the last write is committed."""
        while run := _run(self._segments):
            first, last = run[0].first, run[-1].last
            file, count = self._folder / f"{first:012d}-{last:012d}.sorted", sum(part.count for part in run)
            _store(file, _merged(run), count)
            self._segments[-len(run) :] = [_Segment(file, first, last, count)]
            for part in run:
                part.file.unlink(missing_ok=True)


def _clean(folder: Path, committed: int) -> list[_Segment]:
    for file in [*folder.glob("*.tmp"), *folder.glob("*.part")]:
        file.unlink()
    kept: list[_Segment] = []
    for segment in sorted(_listed(folder), key=lambda each: (each.first, -each.last)):
        if segment.last > committed or (kept and segment.last <= kept[-1].last):
            segment.file.unlink()
        else:
            kept.append(segment)
    starts = [1, *(segment.last + 1 for segment in kept)]
    if starts != [*(segment.first for segment in kept), committed + 1]:
        raise Gap
    return kept


def _listed(folder: Path) -> Iterator[_Segment]:
    for file in folder.glob("*.sorted"):
        first, last = file.stem.split("-")
        yield _Segment(file, int(first), int(last), _count(file.stat().st_size // _WORD))


def _count(words: int) -> int:
    """Return how many entries a file of so many words holds: four words each, and one a page."""
    count = words * PAGE // (4 * PAGE + 1)
    while 4 * count + -(-count // PAGE) < words:
        count += 1
    return count


def _search(segment: _Segment, high: U64, low: U64) -> Iterator[tuple[I64, I64, I64]]:
    """Yield places in `high` (ascending) with the value and owner of an entry that has that key."""
    # A stretch of the keys at a time: mapped pages count as our memory until they are let go.
    together = max(4096, len(high) * _SLICE // max(segment.count, 1))
    for start in range(0, len(high) if segment.count else 0, together):
        asked = np.arange(start, min(start + together, len(high)))
        pages = np.maximum(np.searchsorted(segment.fences, high[asked]) - 1, 0)
        begin, stop = int(pages[0]) * PAGE, min((int(pages[-1]) + 2) * PAGE, segment.count)
        keys = segment.column(0, begin, stop, whole=True)
        at = _lower(keys, pages * PAGE - begin, high[asked])
        while len(asked):
            here = at < len(keys)
            asked, at = asked[here], at[here]
            same = keys[at] == high[asked]
            asked, at = asked[same], at[same]
            if not len(asked):
                break
            if at[-1] == len(keys) - 1 and stop < segment.count:  # equal keys may go on behind the stretch
                stop = min(stop + _SLICE, segment.count)
                keys = segment.column(0, begin, stop)
            exact = segment.column(1, begin, stop)[at] == low[asked]
            hit = at[exact]
            values = segment.column(2, begin, stop)[hit].view(np.int64)
            owners = segment.column(3, begin, stop)[hit].view(np.int64)
            yield asked[exact].astype(np.int64), values, owners
            at = at + 1


def _lower(keys: U64, at: I64, asked: U64) -> I64:
    """Return where in `keys` the first stands that is not below each of `asked`: from `at`, by halving a page."""
    step = PAGE // 2
    while step:
        at += np.where(keys[np.minimum(at + step - 1, len(keys) - 1)] < asked, step, 0)
        step //= 2
    return at + (keys[np.minimum(at, len(keys) - 1)] < asked)


def _run(segments: list[_Segment]) -> list[_Segment]:
    """Return the latest segments from the first of `RUN` of one tier on, where no larger one lies behind it.

    Smaller ones among them go along; they alone never make a large one be written again.
    """
    tiers = [max(segment.count, 1024).bit_length() // 3 for segment in segments]
    for tier in sorted(set(tiers)):
        begin = next((len(tiers) - i for i, other in enumerate(reversed(tiers)) if other > tier), 0)
        like = [place for place in range(begin, len(tiers)) if tiers[place] == tier]
        if len(like) >= RUN:
            return segments[like[0] :]
    return []


def _merged(run: list[_Segment]) -> Iterator[Entries]:
    slices = max(1, sum(part.count for part in run) // _SLICE)
    fences = [int(i * (1 << 64) / slices) for i in range(1, slices)]
    cuts = [_cuts(part, fences) for part in run]
    for i in range(slices):
        parts = [part.read(cut[i], cut[i + 1]) for part, cut in zip(run, cuts, strict=True)]
        yield _together(parts).sorted()


def _together(parts: list[Entries]) -> Entries:
    if not parts:
        return no_entries()
    return Entries(
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.owner for part in parts]),
    )


def _cuts(part: _Segment, fences: list[int]) -> list[int]:
    keys = part.column(0, 0, part.count)
    return [0, *np.searchsorted(keys, np.array(fences, np.uint64)).tolist(), part.count]


def _store(file: Path, parts: Iterator[Entries] | list[Entries], count: int) -> None:
    temporary, done = file.with_suffix(".tmp"), 0
    fences: list[U64] = []
    with temporary.open("wb") as out:
        for part in parts:
            for number, column in enumerate((part.high, part.low, part.value, part.owner)):
                out.seek((number * count + done) * _WORD)
                out.write(np.ascontiguousarray(column).data)
            fences.append(part.high[-done % PAGE :: PAGE])
            done += len(part)
        out.seek(4 * count * _WORD)
        for fence in fences:
            out.write(np.ascontiguousarray(fence).data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
