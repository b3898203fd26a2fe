"""Distinct paths: journeys that took the same steps, counted together."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.journeys.paths import Paths

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
ARROW = " > "


def distinct(blocks: Iterable[Paths]) -> pa.Table:
    """Return each distinct path and currency with its journeys, converted ones, conversion and value.

    Columns path (labels joined by " > "), journeys, converted, conversion, currency, value (minor units); the
    most frequent first. Journeys that did not convert have no currency, so they make a row of their own.
    """
    groups: dict[tuple[tuple[str, ...], str | None], list[int]] = {}
    for paths in blocks:
        for path, currency, counts in _counted(paths):
            sums = groups.setdefault((path, currency), [0, 0, 0])
            for place, count in enumerate(counts):
                sums[place] += count
    rows = sorted(groups.items(), key=lambda item: (-item[1][0], item[0][0], item[0][1] or ""))
    return pa.table(
        {
            "path": pa.array([ARROW.join(path) or "(none)" for (path, _), _ in rows], pa.string()),
            "journeys": pa.array([sums[0] for _, sums in rows], pa.int64()),
            "converted": pa.array([sums[1] for _, sums in rows], pa.int64()),
            "conversion": pa.array([sums[1] / sums[0] for _, sums in rows], pa.float64()),
            "currency": pa.array([currency for (_, currency), _ in rows], pa.string()),
            "value": pa.array([sums[2] for _, sums in rows], pa.int64()),
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


def _counted(paths: Paths) -> Iterator[tuple[tuple[str, ...], str | None, tuple[int, int, int]]]:
    first, member = group(paths)
    kinds = len(paths.currencies) + 1
    cell = member * kinds + paths.currency + 1
    journeys = np.bincount(cell, minlength=len(first) * kinds)
    converted = np.bincount(cell[paths.converted], minlength=len(first) * kinds)
    value = np.zeros(len(first) * kinds, np.int64)
    np.add.at(value, cell, paths.value)
    for met in np.flatnonzero(journeys).tolist():
        journey, kind = first[met // kinds], met % kinds
        steps = paths.label[paths.bounds[journey] : paths.bounds[journey + 1]]
        currency = paths.currencies[kind - 1] if kind else None
        yield (
            tuple(paths.labels[code] for code in steps),
            currency,
            (
                int(journeys[met]),
                int(converted[met]),
                int(value[met]),
            ),
        )


def _summed(values: U64, bounds: I64) -> U64:
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    return total[bounds[1:]] - total[bounds[:-1]]


def _mixed(key: U64) -> U64:
    """Return splitmix64 of each key (Steele, Lea and Flood 2014)."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
