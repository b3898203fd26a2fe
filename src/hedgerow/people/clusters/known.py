"""Clusters: who is who by the evidence in force, kept in memory and brought up to date by what is new."""

from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.clusters.components import I64, components
from hedgerow.people.clusters.guard import Bools
from hedgerow.people.clusters.settle import I8, I32, Graph, settle
from hedgerow.people.decisions import Decided, decided
from hedgerow.people.evidence import TABLES
from hedgerow.people.kinds import LAW, Law


@dataclass(frozen=True)
class Clusters:
    """Who is who: `person[code]` is the person an identifier belongs to, named by their smallest code."""

    person: I64
    shared: I64
    """The codes that were found to stand for more than one person, and so tie nobody together."""

    refused: NDArray[np.int64]
    """(k, 2) codes between which there is evidence that would tie two people together, and so is not in force."""


@dataclass(frozen=True)
class _Known:
    """What clusters are made of: identifiers and evidence as arrays, and what came of them."""

    turn: int
    basis: tuple[object, ...]
    kinds: dict[str, int]
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

    @property
    def clusters(self) -> Clusters:
        return Clusters(self.person, np.flatnonzero(self.shared), self.refused)


def clusters(workspace: Workspace) -> Clusters:
    """Return the people there are by the evidence in force (see `settle` for what ties and what does not).

    A person is named by the smallest code among their identifiers, which is the oldest: it survives a merge, a
    split gives back the ones there were, and every code there ever was says whose it is now.
    """
    with _busy:
        known = _read(workspace, _kept.get(workspace))
        _kept[workspace] = known
    return known.clusters


def suppose(workspace: Workspace, said: Decided) -> Clusters:
    """Return the people there would be, were `said` what is decided."""
    clusters(workspace)
    before = _kept[workspace]
    known = replace(before, decided=said)
    return _folded(known, _affected(before, known)).clusters


_kept: WeakKeyDictionary[Workspace, _Known] = WeakKeyDictionary()
_busy = Lock()


def _read(workspace: Workspace, before: _Known | None) -> _Known:
    for kind in TABLES:
        workspace.derived.ensure(kind)
    turn = min(workspace.derived.turn(kind.name) for kind in TABLES)
    basis = (workspace.masked, *(workspace.derived.made(kind.name) for kind in TABLES))
    if before and (before.basis != basis or before.turn > turn):
        before = None
    if before and before.turn == turn:
        return before
    said = decided(workspace)
    known = _grown(workspace, before or _nothing(), turn, basis, said)
    return _folded(known, _affected(before, known)) if before else _whole(known)


def _nothing() -> _Known:
    none = np.zeros(0, np.int64)
    i32, said = none.astype(np.int32), Decided((), none, none, np.zeros((0, 2), np.int64), ())
    return _Known(-1, (), {}, none.astype(np.int8), i32, i32, i32, said, none, none, none.astype(bool), said.dead)


def _grown(workspace: Workspace, before: _Known, turn: int, basis: tuple[object, ...], said: Decided) -> _Known:
    """Return what was known with the identifiers and the evidence that are new."""
    new = f"turn > {before.turn} AND turn <= {turn}"
    names = workspace.engine.sql(f"SELECT code, kind, ({LAW})::TINYINT AS law FROM identifiers WHERE {new}")
    verified = workspace.engine.sql(f"SELECT DISTINCT code FROM verified WHERE {new}")["code"].to_numpy()
    rows = workspace.engine.sql(
        f"SELECT a::INTEGER AS a, b::INTEGER AS b FROM evidence WHERE {new} AND says <> 'human'"
    )
    a, b = rows["a"].to_numpy(), rows["b"].to_numpy()
    code = names["code"].to_numpy()
    count = int(max(len(before.law), *(part.max(initial=-1) + 1 for part in (code, a, b))))
    law, kind = _longer(before.law, count, Law.SHARED), _longer(before.kind, count, -1)
    kinds = dict(before.kinds)
    law[code] = names["law"].to_numpy()
    kind[code] = _numbered(names["kind"], kinds)
    law[verified[law[verified] == Law.SEVERAL]] = Law.UNIQUE
    return _Known(
        turn, basis, kinds, law, kind, np.r_[before.a, a], np.r_[before.b, b], said,
        _more(before.whole, count), _more(before.person, count), _longer(before.shared, count, False), before.refused,
    )  # fmt: skip


_ENDS = "SELECT a::INTEGER AS a, b::INTEGER AS b FROM evidence"


def _numbered(names: pa.ChunkedArray, kinds: dict[str, int]) -> I32:
    coded = names.combine_chunks().dictionary_encode()
    places = [kinds.setdefault(name, len(kinds)) for name in coded.dictionary.to_pylist()]
    numbers: I32 = np.array([*places, -1], np.int32)[coded.indices.to_numpy()]
    return numbers


def _longer(values: NDArray[Any], count: int, fill: int) -> NDArray[Any]:
    longer: NDArray[Any] = np.concatenate([values, np.full(count - len(values), fill, values.dtype)])
    return longer


def _more(label: I64, count: int) -> I64:
    return np.concatenate([label, np.arange(len(label), count)])


def _whole(known: _Known) -> _Known:
    """Return who is who, made from nothing."""
    ends = known.decided
    whole = components(np.r_[known.a, ends.sure_a], np.r_[known.b, ends.sure_b], len(known.law))
    everyone, edges = np.arange(len(known.law)), np.arange(len(known.a))
    return _settled(known, whole, everyone, edges)


def _affected(before: _Known, known: _Known) -> I64:
    """Return the codes that what is new since `before` says something of."""
    codes: list[NDArray[Any]] = [known.a[len(before.a) :], known.b[len(before.b) :]]
    codes.append(np.arange(len(before.law), len(known.law)))
    codes.append(np.flatnonzero(known.law[: len(before.law)] != before.law))
    if known.decided.names != before.decided.names:
        codes += [known.decided.named(before.decided), before.decided.named(known.decided)]
    return np.unique(np.concatenate(codes)).astype(np.int64)


def _folded(known: _Known, affected: I64) -> _Known:
    """Return who is who, made anew only where what is new can have changed it."""
    whole, sure = known.whole, (known.decided.sure_a, known.decided.sure_b)
    new = np.isin(known.a, affected) if len(affected) < 64 else _flags(affected, len(whole))[known.a]
    label = components(whole[np.r_[known.a[new], sure[0]]], whole[np.r_[known.b[new], sure[1]]], len(whole))
    whole = label[whole]
    touched = _flags(whole[affected], len(whole))[whole]
    return _settled(known, whole, np.flatnonzero(touched), np.flatnonzero(touched[known.a]))


def _flags(places: I64, count: int) -> Bools:
    flags = np.zeros(count, bool)
    flags[places] = True
    return flags


def _settled(known: _Known, whole: I64, codes: I64, edges: I64) -> _Known:
    """Return what is known with these codes settled by these of its edges."""
    place = np.full(len(whole), -1, np.int64)
    place[codes] = np.arange(len(codes))
    alive = edges[~known.decided.kills(known.a[edges], known.b[edges])]
    sure = known.decided.sure_within(place)
    said = settle(
        Graph(
            known.law[codes], known.kind[codes], place[known.a[alive]].astype(np.int32),
            place[known.b[alive]].astype(np.int32), *sure, known.decided.apart_within(place),
        )
    )  # fmt: skip
    person, shared = known.person.copy(), known.shared.copy()
    person[codes], shared[codes] = codes[said.person], said.shared
    mine = place[known.refused[:, 0]] >= 0
    found = np.stack([codes[said.refused_a], codes[said.refused_b]], 1)
    refused = np.unique(np.concatenate([known.refused[~mine], found]), axis=0)
    return replace(known, whole=whole, person=person, shared=shared, refused=refused)
