"""Components: which vertices of a graph hang together, each component named by its smallest vertex."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32] | NDArray[np.int64]
I64 = NDArray[np.int64]


def components(a: Codes, b: Codes, count: int) -> I64:
    """Return (count,) the smallest vertex in each vertex's component, given edges a[i] - b[i].

    Each round hooks the larger root of every edge to the smaller and halves the paths until they are flat, so that
    rounds are logarithmic in what hangs together (Shiloach and Vishkin 1982); what is one already takes no part.
    """
    label: NDArray[Any] = np.arange(count, dtype=np.int32 if count <= np.iinfo(np.int32).max else np.int64)
    x: NDArray[Any] = a.astype(label.dtype, copy=False)
    y: NDArray[Any] = b.astype(label.dtype, copy=False)
    while len(apart := np.flatnonzero(x != y)):
        low, high = np.minimum(x[apart], y[apart]), np.maximum(x[apart], y[apart])
        np.minimum.at(label, high, low)
        while not np.array_equal(further := label[label], label):
            label = further
        x, y = label[low], label[high]
    return label.astype(np.int64)
