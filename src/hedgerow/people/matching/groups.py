"""Groups: people joined while, on average over all their pairs, being one is likelier than not."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hedgerow.people.matching.scoring.vectors import Floats

FLOOR = -10.0
"""The weight in bits of pairs that were not compared, and the least any pair counts: one in a thousand is no."""

Claims = Mapping[int, Mapping[str, frozenset[str]]]
"""By person and kind, what they have of a kind of which nobody has two."""

_Link = tuple[float, list[int]]
"""The sum of the weights between two groups, and the places of their pairs."""


@dataclass(frozen=True)
class Joined:
    """For each pair, in bits, the support with which its two groups were joined (not a number: never joined),
    and for pairs that a clash kept apart, the kind of it."""

    support: Floats
    clash: dict[int, str]


def join(a: NDArray[np.int64], b: NDArray[np.int64], weight: Floats, claims: Claims, least: float) -> Joined:
    """Return how pairs (a, b) came together, the best supported first, down to the support `least`.

    The support of two groups is the mean weight over all pairs between them (average linkage), so that one
    likely pair does not tie together two groups whose other members are unlike. Groups that have different
    values of one kind in `claims` are never joined.
    """
    return _Joining(a, b, np.maximum(weight, FLOOR), claims).run(least)


def grouped(people: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of the sorted `people` the smallest person that pairs (a, b) tie them to."""
    shape = (len(people), len(people))
    edges = (np.ones(len(a), np.int8), (np.searchsorted(people, a), np.searchsorted(people, b)))
    _, label = connected_components(coo_array(edges, shape=shape), directed=False)
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, label, people)
    return first[label]


class _Joining:
    def __init__(self, a: NDArray[np.int64], b: NDArray[np.int64], weight: Floats, claims: Claims) -> None:
        self.support = np.full(len(a), np.nan)
        self.clash: dict[int, str] = {}
        self.links: dict[int, dict[int, _Link]] = {}
        self.size: dict[int, int] = {}
        self.claims = {person: dict(kinds) for person, kinds in claims.items()}
        for place, (one, other, bits) in enumerate(zip(a.tolist(), b.tolist(), weight.tolist(), strict=True)):
            link = (bits, [place])
            self.links.setdefault(one, {})[other] = link
            self.links.setdefault(other, {})[one] = link
            self.size[one] = self.size[other] = 1
        self.waiting = [
            (-self.mean(one, other), one, other)
            for one, others in self.links.items()
            for other in others
            if one < other
        ]
        heapq.heapify(self.waiting)

    def run(self, least: float) -> Joined:
        """Join the best supported groups until none has the support `least`."""
        while self.waiting and -self.waiting[0][0] >= least:
            support, one, other = heapq.heappop(self.waiting)
            # What was pushed before one of the two grew, or was taken into another, is out of date.
            if self.links.get(one, {}).get(other) is None or self.mean(one, other) != -support:
                continue
            kind = self.clashing(one, other)
            if kind:
                self.keep_apart(one, other, kind)
            else:
                self.unite(one, other, -support)
        return Joined(self.support, self.clash)

    def mean(self, one: int, other: int) -> float:
        total, places = self.links[one][other]
        pairs = self.size[one] * self.size[other]
        return (total + (pairs - len(places)) * FLOOR) / pairs

    def clashing(self, one: int, other: int) -> str | None:
        mine, theirs = self.claims.get(one, {}), self.claims.get(other, {})
        return next((kind for kind in sorted(mine.keys() & theirs.keys()) if not mine[kind] & theirs[kind]), None)

    def keep_apart(self, one: int, other: int, kind: str) -> None:
        _, places = self.links[one].pop(other)
        del self.links[other][one]
        self.clash.update(dict.fromkeys(places, kind))

    def unite(self, one: int, other: int, support: float) -> None:
        if len(self.links[one]) < len(self.links[other]):
            one, other = other, one
        _, places = self.links[one].pop(other)
        self.support[places] = support
        taken = self.links.pop(other)
        del taken[one]
        self.size[one] += self.size.pop(other)
        for kind, values in self.claims.pop(other, {}).items():
            mine = self.claims.setdefault(one, {})
            mine[kind] = mine.get(kind, frozenset()) | values
        for third, (bits, between) in taken.items():
            del self.links[third][other]
            total, mine_between = self.links[one].get(third, (0.0, []))
            link = (total + bits, mine_between + between)
            self.links[one][third] = self.links[third][one] = link
        for third in self.links[one]:
            low, high = min(one, third), max(one, third)
            heapq.heappush(self.waiting, (-self.mean(low, high), low, high))
