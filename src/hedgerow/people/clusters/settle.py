"""Settling: people as the connected components of the evidence that ties, a pure function of the whole set of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hedgerow.people.clusters.components import I64, components
from hedgerow.people.clusters.guard import Bools, Marks, guard
from hedgerow.people.decisions import Apart
from hedgerow.people.kinds import Law

I8 = NDArray[np.int8]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Everything that decides who is who.

    `law` and `kind` (n,) are an identifier's; `a` and `b` (e,) are the machine's evidence in force, `sure_a` and
    `sure_b` that of people; `apart` is what people said of who is not one.
    """

    law: I8
    kind: I32
    a: I32
    b: I32
    sure_a: I64
    sure_b: I64
    apart: Sequence[Apart] = ()


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
    """
    count, law = len(graph.law), graph.law
    label = components(graph.sure_a, graph.sure_b, count)
    shared = np.zeros(count, bool)
    refused: list[tuple[I64, I64]] = []
    weaker = np.minimum(law[graph.a], law[graph.b])
    for edges, least in ((weaker >= Law.SEVERAL, Law.UNIQUE), (weaker == Law.DEVICE, Law.SEVERAL)):
        edges &= ~shared[graph.a] & ~shared[graph.b]
        a, b = graph.a[edges], graph.b[edges]
        marked = np.flatnonzero(law >= least)
        label, found, untied = _tied(label, a, b, (label[marked], graph.kind[marked]), graph.apart)
        shared |= found[label] & (law > Law.SHARED)
        refused.append((a[untied].astype(np.int64), b[untied].astype(np.int64)))
    return Settled(label, shared, *(np.concatenate(part) for part in zip(*refused, strict=True)))


def _tied(label: I64, a: I32, b: I32, marked: tuple[I64, I32], apart: Sequence[Apart]) -> tuple[I64, Bools, Bools]:
    """Return the labels once the edges have tied, which of them are many people's, and which edges did not tie."""
    x, y = label[a], label[b]
    whole = components(x, y, len(label))
    holds = _holding_two(whole, *marked, apart, label)
    tangled = holds[whole[x]]
    if not tangled.any():
        return whole[label], np.zeros(len(label), bool), np.zeros(len(a), bool)
    within = np.unique(np.r_[x[tangled], y[tangled]])
    place = np.full(len(label), -1)
    place[within] = np.arange(len(within))
    marks = _marks(place, *marked, apart, label)
    said = guard(place[x[tangled]], place[y[tangled]], len(within), marks)
    tying = ~tangled
    tying[tangled] = said.tying
    many = np.zeros(len(label), bool)
    many[within[said.shared]] = True
    untied = ~tying & ~many[x] & ~many[y]
    return components(x[tying], y[tying], len(label))[label], many, untied


def _holding_two(whole: I64, label: I64, kind: I32, apart: Sequence[Apart], label_of: I64) -> Bools:
    """Return (n,) which components hold two people: a kind of mark twice, or both sides of what is apart."""
    holds = np.zeros(len(whole), bool)
    for one in np.unique(kind):
        having = np.zeros(len(whole), bool)
        having[label[kind == one]] = True
        holds |= np.bincount(whole[np.flatnonzero(having)], minlength=len(whole)) > 1
    for each in apart:
        under = whole[label_of[each.code]]
        holds[np.intersect1d(under[each.side == 0], under[each.side == 1])] = True
    return holds


def _marks(place: I64, label: I64, kind: I32, apart: Sequence[Apart], label_of: I64) -> Marks:
    """Return the marks of the labels that have a place; what people made one is not told apart from itself."""
    rows = [np.stack([place[label], kind, place[label]], 1)[place[label] >= 0]]
    for number, each in enumerate(apart):
        at = place[label_of[each.code]]
        sides = np.unique(np.stack([at, np.full(len(at), -1 - number), each.side], 1)[at >= 0], axis=0)
        said, times = np.unique(sides[:, 0], return_counts=True)
        rows.append(sides[~np.isin(sides[:, 0], said[times > 1])])
    return Marks(*np.unique(np.concatenate(rows), axis=0).T)
