"""Components: which vertices of a graph hang together, each component named by its smallest vertex."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32] | NDArray[np.int64]
I64 = NDArray[np.int64]


def components(a: Codes, b: Codes, count: int) -> I64:
    """Return (count,) the smallest vertex in each vertex's component, given edges a[i] - b[i].

    Each round hooks the larger root of every edge to the smaller and flattens the trees, so that rounds are
    logarithmic in what hangs together (Shiloach and Vishkin 1982); edges within a tree take no further part.
    """
    label: NDArray[Any] = np.arange(count, dtype=np.int32 if count <= np.iinfo(np.int32).max else np.int64)
    x: NDArray[Any] = a.astype(label.dtype, copy=False)
    y: NDArray[Any] = b.astype(label.dtype, copy=False)
    while len(x):
        low, high = np.minimum(x, y), np.maximum(x, y)
        np.minimum.at(label, high, low)
        label = _flattened(label)
        x, y = label.take(low), label.take(high)
        apart = np.flatnonzero(x != y)
        x, y = x.take(apart), y.take(apart)
    return label.astype(np.int64)


def _flattened(label: NDArray[Any]) -> NDArray[Any]:
    """Return (count,) the root of each vertex, given its parent; after the first look only who moved is looked at."""
    root: NDArray[Any] = label.take(label)
    moved = np.flatnonzero(root != label)
    while len(moved):
        at = root.take(moved)
        above = root.take(at)
        root[moved] = above
        moved = moved[above != at]
    return root
