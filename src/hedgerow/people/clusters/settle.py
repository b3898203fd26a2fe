"""Settling: people as the connected components of the evidence that ties, a pure function of the whole set of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hedgerow.people.clusters.components import I64, Codes, components
from hedgerow.people.clusters.guard import Bools, Marks, guard
from hedgerow.people.decisions import Apart, placed
from hedgerow.people.kinds import Law

I8 = NDArray[np.int8]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Everything that decides who is who.

    `law` and `kind` (n,) are an identifier's; `a` and `b` (e,) are the machine's evidence in force, `sure_a` and
    `sure_b` that of people; `apart` is what people said of who is not one; `alike` (k, 2) are identifiers that tell
    nobody apart from each other, as somebody who knew of both made their two people one.
    """

    law: I8
    kind: I32
    a: I32
    b: I32
    sure_a: I64
    sure_b: I64
    apart: Sequence[Apart] = ()
    alike: I64 = field(default_factory=lambda: np.zeros((0, 2), np.int64))


@dataclass(frozen=True)
class Settled:
    """Who is who: (n,) `person` is the smallest code of each code's people; (n,) `shared` whether the guard found it
    to be many people's; (k,) `refused_a` and `refused_b` evidence that would tie two people together."""

    person: I64
    shared: Bools
    refused_a: I64
    refused_b: I64


def settle(graph: Graph) -> Settled:
    """Return who is who.

    What people said ties without question. Then evidence between identifiers of persons ties, unless it would make
    one of two that have different identifiers of a unique kind; then evidence of devices, unless it would make one
    of two that have anything of one kind, be it only a mail address each. What people said to be apart stays apart.

    Where a component has nothing twice, all of its evidence ties at once; only the others are gone through.
    """
    count = len(graph.law)
    ties = np.minimum(graph.law.take(graph.a), graph.law.take(graph.b)) > Law.SHARED
    a, b = (graph.a, graph.b) if ties.all() else (graph.a[ties], graph.b[ties])
    person = components(np.r_[a, graph.sure_a.astype(a.dtype)], np.r_[b, graph.sure_b.astype(b.dtype)], count)
    tangled = _with_two(person, graph).take(person)
    within, edges = np.flatnonzero(tangled), np.flatnonzero(tangled.take(a))
    place = np.full(count, -1)
    place[within] = np.arange(len(within))
    sure = np.flatnonzero(tangled[graph.sure_a])
    said = _gone_through(
        Graph(
            graph.law[within], graph.kind[within], place[a[edges]].astype(np.int32), place[b[edges]].astype(np.int32),
            place[graph.sure_a[sure]], place[graph.sure_b[sure]], [each.within(place) for each in graph.apart],
            placed(graph.alike, place),
        )
    )  # fmt: skip
    shared = np.zeros(count, bool)
    person[within], shared[within] = within[said.person], said.shared
    return Settled(person, shared, within[said.refused_a], within[said.refused_b])


def _with_two(whole: I64, graph: Graph) -> Bools:
    """Return (n,) which components may hold two people: two identifiers of a kind, or both sides of what is apart."""
    holds, last = np.zeros(len(whole), bool), np.empty(len(whole), np.int32)
    several = graph.law >= Law.SEVERAL
    for kind in range(graph.kind.max(initial=-1) + 1):
        codes = np.flatnonzero(several & (graph.kind == kind))
        under = whole[codes]
        last[under] = codes
        holds[under[last[under] != codes]] = True
    for each in graph.apart:
        under = whole[each.code]
        holds[np.intersect1d(under[each.side == 0], under[each.side == 1])] = True
    return holds


def _gone_through(graph: Graph) -> Settled:
    """Return who is who where there may be two."""
    count, law = len(graph.law), graph.law
    label: I64 | None = components(graph.sure_a, graph.sure_b, count) if len(graph.sure_a) else None
    apart = [_said_clearly(each, label) for each in graph.apart]
    shared = np.zeros(count, bool)
    refused: list[tuple[I64, I64]] = []
    weaker = np.minimum(law[graph.a], law[graph.b])
    for weakest, least in ((Law.SEVERAL, Law.UNIQUE), (Law.DEVICE, Law.SEVERAL)):
        edges = weaker >= weakest if weakest == Law.SEVERAL else weaker == weakest
        if shared.any():
            edges &= ~(shared[graph.a] | shared[graph.b])
        a, b = graph.a[edges], graph.b[edges]
        marked = np.flatnonzero(law >= least)
        named = np.arange(count) if label is None else label
        whose = _whose(named, graph.alike)
        x, y = (a, b) if label is None else (label[a], label[b])
        said = _tied(named, x, y, _Marked(named[marked], graph.kind[marked], whose[marked]), apart)
        shared[said.many[named] & (law > Law.SHARED)] = True
        refused.append((a[said.untied].astype(np.int64), b[said.untied].astype(np.int64)))
        label = said.label if label is None else said.label[label]
    assert label is not None
    return Settled(label, shared, *(np.concatenate(part) for part in zip(*refused, strict=True)))


@dataclass(frozen=True)
class _Tied:
    """(n,) `label` of each label once the edges have tied, (n,) `many` which of them are many people's, and the places
    `untied` of the edges that did not tie two who are anybody's."""

    label: I64
    many: Bools
    untied: I64


@dataclass(frozen=True)
class _Marked:
    """(m,) identifiers that tell people apart: the label each is under, its kind, and whose it is: two under one label
    or found to be alike are one's."""

    label: I64
    kind: I32
    whose: I64


def _whose(label: I64, alike: I64) -> I64:
    """Return (n,) whose each identifier is, as far as it is known before the evidence is looked at."""
    if not len(alike):
        return label
    codes = np.arange(len(label))
    return components(np.r_[codes, alike[:, 0]], np.r_[label, alike[:, 1]], len(label))


def _tied(named: I64, x: Codes, y: Codes, marked: _Marked, apart: Sequence[Apart]) -> _Tied:
    """Return what edges between labels tie; `named` (n,) is the label of each code."""
    count = len(named)
    label, many = components(x, y, count), np.zeros(count, bool)
    holds = _holding_two(label, marked, apart, named)
    if not holds.any():
        return _Tied(label, many, np.zeros(0, np.int64))
    tangled = holds[label]
    within, edges = np.flatnonzero(tangled), np.flatnonzero(tangled[x])
    place = np.full(count, -1)
    place[within] = np.arange(len(within))
    u, v = place[x[edges]], place[y[edges]]
    said = guard(u, v, len(within), _marks(place, marked, apart, named))
    label[within] = within[components(u[said.tying], v[said.tying], len(within))]
    many[within[said.shared]] = True
    untied = edges[~said.tying & ~said.shared[u] & ~said.shared[v]]
    return _Tied(label, many, untied)


def _holding_two(whole: I64, marked: _Marked, apart: Sequence[Apart], label_of: I64) -> Bools:
    """Return (n,) which components hold two people: marks of a kind that are two's, or both sides of what is apart."""
    holds, last = np.zeros(len(whole), bool), np.empty(len(whole), np.int64)
    for kind in np.unique(marked.kind):
        of_kind = marked.kind == kind
        under, whose = whole[marked.label[of_kind]], marked.whose[of_kind]
        last[under] = whose
        holds[under[last[under] != whose]] = True
    for each in apart:
        under = whole[label_of[each.code]]
        holds[np.intersect1d(under[each.side == 0], under[each.side == 1])] = True
    return holds


def _said_clearly(apart: Apart, label: I64 | None) -> Apart:
    """Return what is apart without those of whom people said, too, that they are one with the other side."""
    if label is None:
        return apart
    under = label[apart.code]
    both = np.intersect1d(under[apart.side == 0], under[apart.side == 1])
    clear = ~np.isin(under, both)
    return Apart(apart.code[clear], apart.side[clear])


def _marks(place: I64, marked: _Marked, apart: Sequence[Apart], label_of: I64) -> Marks:
    """Return the marks of the labels that have a place; what people made one is not told apart from itself."""
    at = place[marked.label]
    rows = [np.stack([at, marked.kind, marked.whose], 1)[at >= 0]]
    for number, each in enumerate(apart):
        at = place[label_of[each.code]]
        rows.append(np.stack([at, np.full(len(at), -1 - number), each.side], 1)[at >= 0])
    return Marks(*np.unique(np.concatenate(rows), axis=0).T)
