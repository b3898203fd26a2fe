"""A chain: how journeys go from channel to channel, as an absorbing Markov chain of any order.

A state is the last `order` labels of a journey, fewer at its beginning; the journey's end leads to conversion
or to null. A step that leaves the state as it is (the label repeated more than `order` times) is no transition.
Walks of this chain have the distribution of those of ChannelAttribution 2.2.5, which begins with the first
`order` labels at once: the shorter states before them form a tree, and each is met once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hedgerow.attribution.steps import lasts, slices
from hedgerow.journeys.paths import Codes, Integers, Paths
from hedgerow.kit import HedgerowError

Floats = NDArray[np.float64]
DENSE = 1 << 23
"""Up to so many possible transitions are counted in an array of all; more, in a sorted list of those met."""


@dataclass(frozen=True)
class Chain:
    """An absorbing chain of n states, the first of them the start; rows of `moves` and `converts` sum to <= 1."""

    moves: sparse.csr_array
    """(n, n) the probability of each state's next one; what a row lacks to 1 leads to conversion or null."""
    converts: Floats
    """(n,) the probability that a state leads to conversion at once."""
    visits: Floats
    """(n,) how often a journey meets each state, on average."""
    labels: Integers
    """(n, order) the labels that each state remembers, -1 where it remembers fewer."""
    width: int
    """How many labels there are, met or not."""


def chain(blocks: Iterable[Paths], order: int) -> Chain:
    """Return the chain of all journeys that have steps, each weighing one, whether it converted or not.

    Counts add up over blocks, so memory holds one block and the transitions met. Raises `HedgerowError` where
    states of so many labels have no room in 64 bits.
    """
    counts = _Counts(order)
    for paths in blocks:
        counts.add(paths)
    return counts.chain()


class _Counts:
    """Counts of transitions, each keyed by its labels in base k + 2: 0 is none or null, k + 1 conversion."""

    def __init__(self, order: int) -> None:
        self._order = order
        self._base = 2
        self._keys = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)

    def add(self, paths: Paths) -> None:
        self._base = len(paths.labels) + 2
        space = self._base ** (self._order + 1)
        if space >= 1 << 63:
            raise HedgerowError(
                f"{len(paths.labels)} labels are too many for a chain of order {self._order}: choose a lower order."
            )
        keys = self._transitions(paths)
        if space <= DENSE:
            met = np.bincount(keys)
            keys = np.flatnonzero(met)
            self._merge(keys, met[keys])
        else:
            self._merge(*np.unique(keys, return_counts=True))

    def _transitions(self, paths: Paths) -> Integers:
        """Return a key for each step and for each journey's end; those that stay in their state too."""
        base, last = self._base, lasts(paths)
        keys = np.empty(len(paths.label) + len(last), np.int64)
        for start, stop, first in slices(paths):
            keys[start:stop] = self._windows(paths.label[start:stop], first)
        ended = np.where(paths.converted[paths.sizes > 0], base - 1, 0)
        keys[len(paths.label) :] = keys[last] % base**self._order * base + ended
        return keys

    def _windows(self, label: Codes, first: Integers) -> Integers:
        code = label.astype(np.int64) + 1
        keys, moved = code.copy(), np.empty_like(code)
        for _ in range(self._order):
            np.multiply(keys[:-1], self._base, out=moved[1:])
            moved[first] = 0
            np.add(moved, code, out=keys)
        return keys

    def _merge(self, keys: Integers, counts: Integers) -> None:
        all_keys = np.concatenate([self._keys, keys])
        self._keys, place = np.unique(all_keys, return_inverse=True)
        merged = np.zeros(len(self._keys), np.int64)
        np.add.at(merged, place, np.concatenate([self._counts, counts]))
        self._counts = merged

    def chain(self) -> Chain:
        base, order = self._base, self._order
        self._leave_out_stays()
        states, row = np.unique(self._keys // base, return_inverse=True)
        met = np.bincount(row, weights=self._counts, minlength=len(states))
        chance, after = self._counts / met[row], self._keys % base
        inner, converting = (after > 0) & (after < base - 1), after == base - 1
        column = np.searchsorted(states, self._keys[inner] % base**order)
        shape = (len(states), len(states))
        return Chain(
            moves=sparse.csr_array((chance[inner], (row[inner], column)), shape=shape),
            converts=np.bincount(row[converting], chance[converting], len(states)).astype(np.float64),
            visits=met / max(met[:1].sum(), 1.0),
            labels=np.stack([states // base**place % base - 1 for place in range(order)], axis=1),
            width=base - 2,
        )

    def _leave_out_stays(self) -> None:
        # Staying changes no probability of where a walk ends; without it a chain settles sooner.
        after = self._keys % self._base
        repeated = sum(self._base**place for place in range(self._order + 1))
        moves = after * repeated != self._keys
        self._keys, self._counts = self._keys[moves], self._counts[moves]
