"""Clusters: who is who by the evidence in force, kept in memory and brought up to date by what is new."""

from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.clusters.components import I64
from hedgerow.people.clusters.settle import I32
from hedgerow.people.clusters.state import State, fold, start
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
    """The state as of a turn of the ledger; `basis` is what must be the same for it to be continued."""

    turn: int
    basis: tuple[object, ...]
    kinds: dict[str, int]
    state: State

    @property
    def clusters(self) -> Clusters:
        return _clusters(self.state)


def _clusters(state: State) -> Clusters:
    return Clusters(state.person, np.flatnonzero(state.shared), state.refused)


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
    before = _kept[workspace].state
    return _clusters(fold(before, replace(before, decided=said)))


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
    return _grown(workspace, before, turn, basis)


def _grown(workspace: Workspace, before: _Known | None, turn: int, basis: tuple[object, ...]) -> _Known:
    """Return what is known with the identifiers, the evidence and the decisions that are new."""
    state, kinds = (before.state, dict(before.kinds)) if before else (_NOTHING, {})
    new = f"turn > {before.turn if before else -1} AND turn <= {turn}"
    names = workspace.engine.sql(f"SELECT code, kind, ({LAW})::TINYINT AS law FROM identifiers WHERE {new}")
    verified = workspace.engine.sql(f"SELECT DISTINCT code FROM verified WHERE {new}")["code"].to_numpy()
    rows = workspace.engine.sql(f"{_ENDS} WHERE {new} AND says <> 'human'")
    a, b = rows["a"].to_numpy(), rows["b"].to_numpy()
    code = names["code"].to_numpy()
    count = int(max(len(state.law), *(part.max(initial=-1) + 1 for part in (code, a, b))))
    law, kind = _longer(state.law, count, Law.SHARED), _longer(state.kind, count, -1)
    law[code] = names["law"].to_numpy()
    kind[code] = _numbered(names["kind"], kinds)
    law[verified[law[verified] == Law.SEVERAL]] = Law.UNIQUE
    ends, said = (np.r_[state.a, a], np.r_[state.b, b]), decided(workspace)
    if before is None:
        return _Known(turn, basis, kinds, start(law, kind, *ends, said))
    grown = replace(state, law=law, kind=kind, a=ends[0], b=ends[1], decided=said)
    return _Known(turn, basis, kinds, fold(state, grown))


_NONE = np.zeros(0, np.int64)
_ENDLESS = _NONE.astype(np.int32)
_NOTHING = State(
    _NONE.astype(np.int8), _ENDLESS, _ENDLESS, _ENDLESS, Decided((), _NONE, _NONE, np.zeros((0, 2), np.int64), ()),
    _NONE, _NONE, _NONE.astype(bool), np.zeros((0, 2), np.int64),
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
