"""The index of ids: what a row costs to look up, write and merge at 1 million entries and at 100 million.

Limit: at 100 million at most twice what it is at 1 million. Run as `python bench/index.py [ENTRIES ...]`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hedgerow.kit.index import PAGE, Entries, Index

SIZES = (1_000_000, 100_000_000)
BATCH = 100_000
BATCHES = 64
PARTS = (0.6, 0.1, 0.1, 0.1, 0.1)
"""The segments the entries lie in, as shares of them."""

LIMIT = 2.0
_SLICE = 1 << 22


def main(sizes: list[int]) -> int:
    """Print a line a size; return 1 where the limit was not kept."""
    print(f"{'entries':>12} {'find':>8} {'write':>8} {'merge':>8} {'ns a row':>9}")
    costs = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            costs.append(_cost(Path(folder), size))
    ratio = costs[-1] / costs[0]
    print(f"limit: the last costs at most {LIMIT} times the first: {ratio:.2f}, {_word(ratio)}")
    return int(ratio > LIMIT)


def _word(ratio: float) -> str:
    return "kept" if ratio <= LIMIT else "NOT KEPT"


def _cost(folder: Path, size: int) -> float:
    """Return the nanoseconds a row of batches of random keys, one in ten of which is there already."""
    chance = np.random.default_rng(7)
    for number, share in enumerate(PARTS, 1):
        _fill(folder / f"{number:012d}-{number:012d}.sorted", int(size * share), chance)
    os.sync()
    index = Index(folder, len(PARTS))
    there = np.fromfile(folder / f"{1:012d}-{1:012d}.sorted", np.uint64, count=min(size // 2, 1 << 20))
    spent = np.zeros(3)
    for number in range(BATCHES + 1):
        batch = _batch(chance, there)
        begun = time.perf_counter()
        index.find(batch.high, batch.low)
        found = time.perf_counter()
        index.write(len(PARTS) + 1 + number, batch)
        written = time.perf_counter()
        index.merge()
        if number:  # the first one warms up
            spent += (found - begun, written - found, time.perf_counter() - written)
    a_row = spent / (BATCH * BATCHES) * 1e9
    print(f"{size:>12,} {a_row[0]:>8,.0f} {a_row[1]:>8,.0f} {a_row[2]:>8,.0f} {a_row.sum():>9,.0f}")
    return float(a_row.sum())


def _batch(chance: np.random.Generator, there: np.ndarray) -> Entries:
    high = chance.integers(0, 1 << 64, BATCH, np.uint64)
    high[::10] = chance.choice(there, BATCH // 10)
    low = chance.integers(0, 1 << 64, BATCH, np.uint64)
    return Entries(high, low, np.zeros(BATCH, np.int64), np.ones(BATCH, np.int64))


def _fill(file: Path, count: int, chance: np.random.Generator) -> None:
    """Write a segment of `count` random keys in order, without sorting them: one in each equal stretch."""
    step = (1 << 64) // count
    with file.open("wb") as out:
        for start in range(0, count, _SLICE):
            places = np.arange(start, min(start + _SLICE, count), dtype=np.uint64)
            (places * np.uint64(step) + chance.integers(0, step, len(places), np.uint64)).tofile(out)
        for column in range(3):
            for start in range(0, count, _SLICE):
                length = min(_SLICE, count - start)
                (chance.integers(0, 1 << 64, length, np.uint64) if column == 0 else np.ones(length, np.int64)).tofile(
                    out
                )
        np.memmap(file, np.uint64, "r", 0, (count,))[::PAGE].tofile(out)


if __name__ == "__main__":
    sys.exit(main([int(float(size)) for size in sys.argv[1:]] or list(SIZES)))
