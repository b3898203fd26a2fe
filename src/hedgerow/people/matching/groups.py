"""Groups: people joined while, on average over all their pairs, being one is likelier than not."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hedgerow.people.matching.scoring.vectors import Floats

FLOOR = -10.0
"""The weight in bits of pairs that were not compared, and the least any pair counts: one in a thousand is no."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Claims:
    """What people have of a kind of which nobody has two: row i says that `person[i]` has `value[i]` of `kind[i]`.

    Kinds are places in `kinds`, values numbers from 0 that mean something within their kind.
    """

    kinds: tuple[str, ...] = ()
    person: Codes = field(default_factory=lambda: np.empty(0, np.int64))
    kind: Codes = field(default_factory=lambda: np.empty(0, np.int64))
    value: Codes = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True)
class Joined:
    """For each pair, in bits, the support with which its two groups were joined (not a number: never joined),
    and for pairs that a clash kept apart, the kind of it."""

    support: Floats
    clash: dict[int, str]


@dataclass(frozen=True)
class _Links:
    """The links between groups: which two, their support, and the link of each pair."""

    low: Codes
    high: Codes
    support: Floats
    of: Codes


def join(a: Codes, b: Codes, weight: Floats, claims: Claims, least: float) -> Joined:
    """Return how pairs (a, b) came together, the best supported first, down to the support `least`.

    The support of two groups is the mean weight over all pairs between them (average linkage), so that one
    likely pair does not tie together two groups whose other members are unlike. Groups that have different
    values of one kind in `claims` are never joined. Two groups that are each other's best are joined at once:
    joining others brings neither of them a better one (Bruynooghe 1977), so the order makes no difference.
    """
    people, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
    return _Joining(people, ends.reshape(2, -1), np.maximum(weight, FLOOR), claims).run(least)


def grouped(people: Codes, a: Codes, b: Codes) -> Codes:
    """Return for each of the sorted `people` the smallest person that pairs (a, b) tie them to."""
    shape = (len(people), len(people))
    edges = (np.ones(len(a), np.int8), (np.searchsorted(people, a), np.searchsorted(people, b)))
    _, label = connected_components(coo_array(edges, shape=shape), directed=False)
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, label, people)
    return first[label]


class _Joining:
    def __init__(self, people: Codes, ends: Codes, weight: Floats, claims: Claims) -> None:
        self.ends, self.weight, self.claims = ends, weight, claims
        self.group, self.size = np.arange(len(people)), np.ones(len(people), np.int64)
        self.open = np.arange(len(weight))
        self.support = np.full(len(weight), np.nan)
        self.clash: dict[int, str] = {}
        place = np.searchsorted(people, claims.person)
        ours = place < len(people)
        ours[ours] = people[place[ours]] == claims.person[ours]
        self.said = np.stack([place[ours], claims.kind[ours], claims.value[ours]])

    def run(self, least: float) -> Joined:
        """Join groups that are each other's best until none has the support `least`."""
        while len((links := self.links(least)).low):
            best = self.mutual(links, least)
            kept_apart = self.clashing(links.low[best], links.high[best])
            self.settle(links, best, kept_apart)
        return Joined(self.support, self.clash)

    def links(self, least: float) -> _Links:
        """Return the links between groups of which each has one that may still be joined; the others are closed."""
        while True:
            low, high = np.sort(self.group[self.ends[:, self.open]], axis=0)
            ties, of = np.unique(low * len(self.size) + high, return_inverse=True)
            low, high = np.divmod(ties, max(len(self.size), 1))
            pairs = self.size[low] * self.size[high]
            total = np.bincount(of, self.weight[self.open], len(ties))
            support = (total + (pairs - np.bincount(of, minlength=len(ties))) * FLOOR) / pairs
            alive = np.zeros(len(self.size), np.bool_)
            alive[low[support >= least]] = alive[high[support >= least]] = True
            kept = (alive[low] & alive[high])[of]
            if kept.all():
                return _Links(low, high, support, of)
            self.open = self.open[kept]

    def mutual(self, links: _Links, least: float) -> Codes:
        """Return the links that are the best of both their groups."""
        rank = np.empty(len(links.low), np.int64)
        rank[np.lexsort((links.high, links.low, -links.support))] = np.arange(len(rank))
        best = np.full(len(self.size), len(rank))
        np.minimum.at(best, links.low, rank)
        np.minimum.at(best, links.high, rank)
        return np.flatnonzero((best[links.low] == rank) & (best[links.high] == rank) & (links.support >= least))

    def settle(self, links: _Links, best: Codes, kept_apart: dict[int, str]) -> None:
        """Join the groups of the links `best` but for those `kept_apart`, which are cut."""
        verdict = np.full(len(links.low), -1)
        verdict[best] = np.arange(len(best))
        apart = np.zeros(len(best) + 1, np.bool_)
        apart[list(kept_apart)] = True
        ruled = verdict[links.of]
        cut, met = (ruled >= 0) & apart[ruled], (ruled >= 0) & ~apart[ruled]
        self.clash.update({int(self.open[at]): kept_apart[int(ruled[at])] for at in np.flatnonzero(cut)})
        self.support[self.open[met]] = links.support[links.of[met]]
        joined = best[~apart[:-1]]
        into = np.arange(len(self.size))
        into[links.high[joined]] = links.low[joined]
        self.size[links.low[joined]] += self.size[links.high[joined]]
        self.group = into[self.group]
        self.open = self.open[~cut & ~met]

    def clashing(self, low: Codes, high: Codes) -> dict[int, str]:
        """Return by place which pairs of groups have values of a kind, but none in common, and the first such kind."""
        kinds = len(self.claims.kinds)
        values = int(self.said[2].max(initial=0)) + 1
        (kind_low, value_low), (kind_high, value_high) = (self.claimed(each, kinds, values) for each in (low, high))
        shared = np.intersect1d(value_low, value_high) // values
        apart = np.setdiff1d(np.intersect1d(kind_low, kind_high), shared)
        return {int(at) // kinds: self.claims.kinds[at % kinds] for at in apart[::-1]}

    def claimed(self, groups: Codes, kinds: int, values: int) -> tuple[Codes, Codes]:
        """Return the kinds and the values that each of `groups` has, as numbers with the group's place in front."""
        at = np.full(len(self.size), -1)
        at[groups] = np.arange(len(groups))
        place, kind, value = at[self.group[self.said[0]]], self.said[1], self.said[2]
        kind = (place * kinds + kind)[place >= 0]
        return kind, kind * values + value[place >= 0]
