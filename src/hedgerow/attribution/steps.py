"""Steps: where journeys that have any begin and end in the flat arrays of their paths."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hedgerow.journeys.paths import Integers, Paths

Floats = NDArray[np.float64]
SLICE = 1 << 15


def firsts(paths: Paths) -> Integers:
    """Return the place of the first step of every journey that has steps, in their order."""
    return paths.bounds[:-1][paths.sizes > 0]


def lasts(paths: Paths) -> Integers:
    """Return the place of the last step of every journey that has steps, in their order."""
    return paths.bounds[1:][paths.sizes > 0] - 1


def slices(paths: Paths) -> Iterator[tuple[int, int, Integers]]:
    """Yield some journeys at a time: where their steps start and stop, and where in between each begins.

    Few enough that what is computed of a slice stays in the processor's cache; journeys without steps are
    left out.
    """
    sizes = paths.sizes[paths.sizes > 0]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    for begin in range(0, len(sizes), SLICE):
        first = bounds[begin : begin + SLICE + 1]
        yield int(first[0]), int(first[-1]), first[:-1] - first[0]


def per_journey(paths: Paths, values: Floats) -> Floats:
    """Return (g,) the sum of each journey's values, 0 where it has no step; `values` is (n,)."""
    return np.bincount(paths.journey, values, len(paths.unit)).astype(np.float64)


def normalised(paths: Paths, raw: Floats) -> Floats:
    """Return `raw` (n,) divided by its sum in each journey; equal shares where a journey's sum is zero."""
    sums = per_journey(paths, raw)
    none = (sums == 0) & (paths.sizes > 0)
    if none.any():
        raw = np.where(none[paths.journey], 1.0, raw)
        sums = np.where(none, paths.sizes, sums)
    return np.asarray(raw / sums[paths.journey])
