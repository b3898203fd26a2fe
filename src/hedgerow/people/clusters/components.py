"""Components: which vertices of a graph hang together, each component named by its smallest vertex."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32] | NDArray[np.int64]
I64 = NDArray[np.int64]


def components(a: Codes, b: Codes, count: int) -> I64:
    """Return (count,) the smallest vertex in each vertex's component, given edges a[i] - b[i].

    Each round hooks the larger root of every edge to the smaller and flattens the trees, so that rounds are
    logarithmic in what hangs together (Shiloach and Vishkin 1982); edges within a tree take no further part, and what
    is below a root follows it once, at the end.
    """
    label: NDArray[Any] = np.arange(count, dtype=np.int32 if count <= np.iinfo(np.int32).max else np.int64)
    x: NDArray[Any] = a.astype(label.dtype, copy=False)
    y: NDArray[Any] = b.astype(label.dtype, copy=False)
    low, high = np.minimum(x, y), np.maximum(x, y)
    np.minimum.at(label, high, low)
    label = _flattened(label)
    while True:
        x, y = label.take(low), label.take(high)
        apart = np.flatnonzero(x != y)
        if not len(apart):
            return _flattened(label).astype(np.int64)
        x, y = x.take(apart), y.take(apart)
        low, high = np.minimum(x, y), np.maximum(x, y)
        np.minimum.at(label, high, low)
        _climb(label, high)


def _flattened(label: NDArray[Any]) -> NDArray[Any]:
    """Return (count,) the root of each vertex, given its parent."""
    root: NDArray[Any] = label.take(label)
    _climb(root, np.flatnonzero(root != label))
    return root


def _climb(label: NDArray[Any], moved: NDArray[Any]) -> None:
    """Make the root the parent of each of some vertices, halving the paths of those that are not there yet."""
    while len(moved):
        parent = label.take(moved)
        above = label.take(parent)
        label[moved] = above
        moved = moved[above != parent]
