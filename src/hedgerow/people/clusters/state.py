"""State: identifiers and evidence as arrays, and who is who by them, made from nothing or from what is new."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hedgerow.people.clusters.components import I64, components
from hedgerow.people.clusters.guard import Bools
from hedgerow.people.clusters.settle import I8, I32, Graph, settle
from hedgerow.people.decisions import Decided


@dataclass(frozen=True)
class State:
    """What clusters are made of, and what came of it: for (n,) identifiers and (e,) rows of evidence."""

    law: I8
    kind: I32
    a: I32
    b: I32
    decided: Decided
    whole: I64
    """(n,) the component each identifier would be in if all evidence tied."""

    person: I64
    shared: Bools
    refused: NDArray[np.int64]


def start(law: I8, kind: I32, a: I32, b: I32, decided: Decided) -> State:
    """Return who is who, made from nothing."""
    everyone = np.arange(len(law))
    whole = components(np.r_[a, decided.sure_a], np.r_[b, decided.sure_b], len(law))
    state = State(law, kind, a, b, decided, whole, everyone, np.zeros(len(law), bool), np.zeros((0, 2), np.int64))
    return _settled(state, whole, everyone, np.arange(len(a)))


def fold(before: State, new: State) -> State:
    """Return who is who by `new`, which continues `before`, made anew only where what is new can have changed it."""
    count = len(new.law)
    more = np.arange(len(before.law), count)
    state = replace(
        new,
        whole=np.concatenate([before.whole, more]),
        person=np.concatenate([before.person, more]),
        shared=np.concatenate([before.shared, np.zeros(len(more), bool)]),
    )
    affected, sure = _affected(before, new), (new.decided.sure_a, new.decided.sure_b)
    later = slice(len(before.a), None)
    ends = (np.r_[state.a[later], sure[0]], np.r_[state.b[later], sure[1]])
    label = components(state.whole[ends[0]], state.whole[ends[1]], count)
    whole = label[state.whole]
    touched = np.zeros(count, bool)
    touched[whole[affected]] = True
    touched = touched[whole]
    return _settled(state, whole, np.flatnonzero(touched), np.flatnonzero(touched[state.a]))


def _affected(before: State, known: State) -> I64:
    """Return the codes that what is new since `before` says something of."""
    codes: list[NDArray[Any]] = [known.a[len(before.a) :], known.b[len(before.b) :]]
    codes.append(np.arange(len(before.law), len(known.law)))
    codes.append(np.flatnonzero(known.law[: len(before.law)] != before.law))
    if known.decided.names != before.decided.names:
        codes += [known.decided.named(before.decided), before.decided.named(known.decided)]
    return np.unique(np.concatenate(codes)).astype(np.int64)


def _settled(known: State, whole: I64, codes: I64, edges: I64) -> State:
    """Return what is known with these codes settled by these of its edges."""
    place = np.full(len(whole), -1, np.int64)
    place[codes] = np.arange(len(codes))
    alive = edges[~known.decided.kills(known.a[edges], known.b[edges])]
    sure = known.decided.sure_within(place)
    said = settle(
        Graph(
            known.law[codes], known.kind[codes], place[known.a[alive]].astype(np.int32),
            place[known.b[alive]].astype(np.int32), *sure, known.decided.apart_within(place),
            known.decided.alike_within(place),
        )
    )  # fmt: skip
    person, shared = known.person.copy(), known.shared.copy()
    person[codes], shared[codes] = codes[said.person], said.shared
    mine = place[known.refused[:, 0]] >= 0
    found = np.stack([codes[said.refused_a], codes[said.refused_b]], 1)
    refused = np.unique(np.concatenate([known.refused[~mine], found]), axis=0)
    return replace(known, whole=whole, person=person, shared=shared, refused=refused)
