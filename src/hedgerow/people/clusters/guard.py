"""The guard: what keeps people apart whom the evidence, taken at its word, would make one.

Where a component holds two people who are known to be two, it is gone through in waves from what identifies them.
Evidence between the two ties nothing; an identifier next to both is many people's; one next to one of them is theirs,
and the next wave starts from it. All of a wave happens at once, so the outcome depends on the graph alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hedgerow.people.clusters.components import I64, components

Bools = NDArray[np.bool_]

REACH = 32
"""Waves: what is further from anybody identified, in a component that holds two people, is tied to neither."""


@dataclass(frozen=True)
class Marks:
    """(m,) what tells people apart: two vertices with one `kind` of mark and different `value`s are two people."""

    vertex: I64
    kind: I64
    value: I64

    def where(self, kept: Bools) -> "Marks":
        """Return some of the marks."""
        return Marks(self.vertex[kept], self.kind[kept], self.value[kept])


@dataclass(frozen=True)
class Guarded:
    """What the guard says: of each vertex whether it is many people's, of each edge whether it ties its ends."""

    shared: Bools
    tying: Bools


def guard(a: I64, b: I64, count: int, marks: Marks) -> Guarded:
    """Return what of the graph a[i] - b[i] ties nobody together, so that no component holds a clash of marks."""
    whole = components(a, b, count)
    clash = _clashes(whole[marks.vertex], marks.kind, marks.value)
    state = _Waves(a, b, count, marks.where(clash))
    for _ in range(REACH):
        state.unite()
        if not state.spread():
            break
    state.unite()
    return Guarded(state.shared, state.tying())


class _Waves:
    """The waves: `group` names who a reached vertex belongs to."""

    def __init__(self, a: I64, b: I64, count: int, marks: Marks) -> None:
        self._a, self._b, self._marks = a, b, marks
        self.group = np.arange(count)
        self.reached, self.shared = np.zeros(count, bool), np.zeros(count, bool)
        self.reached[marks.vertex] = True
        self.refused = np.zeros(len(a), bool)
        self._open = np.arange(len(a))
        """The edges that may still have something to say."""

    def unite(self) -> None:
        """Make one of groups with evidence between them, but for evidence that would tie two people together."""
        self._close()
        edges = self._open[self.reached[self._a[self._open]] & self.reached[self._b[self._open]]]
        if not len(edges):
            return
        ends = np.stack([self.group[self._a[edges]], self.group[self._b[edges]]], 1)
        apart = self._clashing(np.repeat(np.arange(len(edges)), 2), ends.ravel(), len(edges))
        self.refused[edges[apart]] = True
        edges, ends = edges[~apart], ends[~apart]
        label = components(ends[:, 0], ends[:, 1], len(self.group))
        bad = self._clashing_labels(label)[label[ends[:, 0]]]
        self.refused[edges[bad]] = True
        self.group = components(ends[~bad, 0], ends[~bad, 1], len(self.group))[self.group]

    def spread(self) -> bool:
        """Reach what is next to what was reached; return whether there was anything."""
        self._close()
        a, b = self._a[self._open], self._b[self._open]
        out, back = self.reached[a] & ~self.reached[b], self.reached[b] & ~self.reached[a]
        pairs = np.unique(np.stack([np.r_[b[out], a[back]], self.group[np.r_[a[out], b[back]]]], 1), axis=0)
        if not len(pairs):
            return False
        vertex, group, count = pairs[:, 0], pairs[:, 1], len(self.group)
        self.shared |= self._clashing(vertex, group, count)
        pairs = pairs[~self.shared[vertex]]
        label = components(pairs[:, 0], pairs[:, 1], count)
        between = np.bincount(pairs[:, 0], minlength=count) > 1
        self.shared |= between & self._clashing_labels(label)[label]
        vertex, group = pairs[~self.shared[pairs[:, 0]]].T
        self.group = components(vertex, group, count)[self.group]
        self.reached[vertex] = True
        return True

    def tying(self) -> Bools:
        """Return of each edge whether it ties its ends together."""
        a, b = self._a, self._b
        inside = np.where(self.reached[a] & self.reached[b], self.group[a] == self.group[b], True)
        alike: Bools = (self.reached[a] == self.reached[b]) & inside
        return alike & ~self.refused & ~self.shared[a] & ~self.shared[b]

    def _close(self) -> None:
        a, b = self._a[self._open], self._b[self._open]
        settled = self.reached[a] & self.reached[b] & (self.group[a] == self.group[b])
        self._open = self._open[~(settled | self.refused[self._open] | self.shared[a] | self.shared[b])]

    def _clashing(self, item: I64, group: I64, count: int) -> Bools:
        """Return (count,) which items have two groups with a clash between them, given (item, group) pairs."""
        mark_group = self.group[self._marks.vertex]
        order = np.argsort(mark_group, kind="stable")
        first = np.searchsorted(mark_group[order], group, "left")
        many = np.searchsorted(mark_group[order], group, "right") - first
        at = order[np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())]
        items = np.repeat(item, many)
        found = np.zeros(count, bool)
        found[items[_clashes(items, self._marks.kind[at], self._marks.value[at])]] = True
        return found

    def _clashing_labels(self, label: I64) -> Bools:
        """Return (n,) which labels, each standing for the groups that have it, hold a clash."""
        under = label[self.group[self._marks.vertex]]
        found = np.zeros(len(label), bool)
        found[under[_clashes(under, self._marks.kind, self._marks.value)]] = True
        return found


def _clashes(item: I64, kind: I64, value: I64) -> Bools:
    """Return of each row (item, kind, value) whether its item has another value of that kind too."""
    order = np.lexsort((value, kind, item))
    item, kind, value = item[order], kind[order], value[order]
    begins = np.r_[True, (item[1:] != item[:-1]) | (kind[1:] != kind[:-1])][: len(item)]
    run = np.cumsum(begins) - 1
    varied = np.zeros(len(item), bool)
    varied[1:] = ~begins[1:] & (value[1:] != value[:-1])
    clash = np.zeros(len(item), bool)
    clash[order] = np.bincount(run, varied)[run] > 0 if len(item) else False
    return clash
