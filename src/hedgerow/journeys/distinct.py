"""Distinct paths: journeys that took the same steps, counted together."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.journeys.paths import Paths

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
ARROW = " > "
NO_STEP = "(no touch)"


def distinct(blocks: Iterable[Paths]) -> pa.Table:
    """Return each distinct path with its journeys, those converted, and conversion; the most frequent first.

    Columns path (labels joined by " > "), journeys, converted, conversion (0 to 1).
    """
    counts: dict[tuple[str, ...], tuple[int, int]] = {}
    for paths in blocks:
        for path, journeys, converted in _counted(paths):
            before = counts.get(path, (0, 0))
            counts[path] = before[0] + journeys, before[1] + converted
    rows = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    return pa.table(
        {
            "path": pa.array([ARROW.join(path) or NO_STEP for path, _ in rows], pa.string()),
            "journeys": pa.array([journeys for _, (journeys, _) in rows], pa.int64()),
            "converted": pa.array([converted for _, (_, converted) in rows], pa.int64()),
            "conversion": pa.array([converted / journeys for _, (journeys, converted) in rows], pa.float64()),
        }
    )


def group(paths: Paths) -> tuple[NDArray[np.intp], I64]:
    """Return one journey of each distinct path, and for every journey which of these it equals.

    Paths are compared by two independent 64-bit sums of hashes of (place, label), and by their length.
    """
    place = np.arange(len(paths.label)) - paths.bounds[:-1][paths.journey]
    key = (place.astype(np.uint64) << np.uint64(16)) | paths.label.astype(np.uint16).astype(np.uint64)
    sums = [_summed(_mixed(key + seed), paths.bounds) for seed in (np.uint64(0), np.uint64(0x9E3779B97F4A7C15))]
    table = np.stack([*sums, paths.sizes.astype(np.uint64)], axis=1)
    _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)


def _counted(paths: Paths) -> Iterator[tuple[tuple[str, ...], int, int]]:
    first, member = group(paths)
    journeys = np.bincount(member, minlength=len(first)).tolist()
    converted = np.bincount(member[paths.converted], minlength=len(first)).tolist()
    for journey, count, ended in zip(first.tolist(), journeys, converted, strict=True):
        steps = paths.label[paths.bounds[journey] : paths.bounds[journey + 1]]
        yield tuple(paths.labels[code] for code in steps.tolist()), count, ended


def _summed(values: U64, bounds: I64) -> U64:
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    sums: U64 = total[bounds[1:]] - total[bounds[:-1]]
    return sums


def _mixed(key: U64) -> U64:
    """Return splitmix64 of each key (Steele, Lea and Flood 2014)."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
