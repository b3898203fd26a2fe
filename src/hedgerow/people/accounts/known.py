"""Known: which account everybody is of, kept in memory until the ledger or who is who says otherwise."""

from dataclasses import dataclass, field
from threading import RLock
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.settling import I64, Vertices, settled
from hedgerow.people.accounts.stating import TABLES, prepare
from hedgerow.people.clusters import Clusters
from hedgerow.people.decisions import decisions, in_force


@dataclass(frozen=True)
class Known:
    """What is known of accounts as of `basis`: the account identifiers, and (n,) which account each code is of.

    `kept` holds what was made of it since: the memberships, and who owns whom.
    """

    basis: tuple[object, ...]
    person: I64
    vertices: Vertices
    current: I64
    undone: pa.Table
    kept: dict[str, pa.Table] = field(default_factory=dict)


_kept: WeakKeyDictionary[Workspace, Known] = WeakKeyDictionary()
_busy = RLock()


def known_accounts(workspace: Workspace, people: Clusters) -> Known:
    """Return what is known of accounts, given who is who."""
    with _busy:
        prepare(workspace)
        basis = (workspace.masked, *((workspace.derived.turn(t.name), workspace.derived.made(t.name)) for t in TABLES))
        known = _kept.get(workspace)
        if known is None or known.basis != basis or known.person is not people.person:
            known = _kept[workspace] = _read(workspace, people.person, basis)
        return known


def _read(workspace: Workspace, person: I64, basis: tuple[object, ...]) -> Known:
    undone = _undone(workspace)
    said = workspace.engine.sql(_SAID if len(undone) else _SAID.replace(_NOT_UNDONE, ""), undone=undone)
    code, key, at, mailed = (said[name].to_numpy() for name in ("code", "key", "said", "mailed"))
    # Who is who may be as of a little earlier.
    at, old = _first_of_mail(code, at, mailed), code < len(person)
    whose, key, at = person[code[old]], key[old], at[old]
    vertices, place = settled(workspace, whose, key)
    here = place >= 0
    current = _newest(whose[here], place[here], at[here], vertices, len(person))[person]
    rows = workspace.engine.sql("SELECT DISTINCT code, key FROM account_identifiers WHERE code IS NOT NULL")
    own, at_place = rows["code"].to_numpy(), vertices.place(rows["key"].to_numpy())
    free = (own < len(person)) & (at_place >= 0)
    free[free] = current[own[free]] < 0
    current[own[free]] = vertices.account[at_place[free]]
    return Known(basis, person, vertices, current, undone)


def _first_of_mail(code: I64, at: I64, mailed: NDArray[np.bool_]) -> I64:
    """Return when each thing was said; of a mail address, when it was first seen."""
    first = np.full(int(code.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, code[mailed], at[mailed])
    return np.where(mailed, first[code], at)


def _newest(person: I64, place: I64, at: I64, vertices: Vertices, count: int) -> I64:
    """Return (count,) the account each person was last said to be of; of one instant the highest key decides."""
    newest = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(newest, person, at)
    last = at == newest[person]
    key: NDArray[np.int64] = np.full(count, -1)
    np.maximum.at(key, person[last], vertices.key[place[last]])
    found = last & (vertices.key[place] == key[person])
    answer = np.full(count, -1)
    answer[person[found]] = vertices.account[place[found]]
    return answer


def _undone(workspace: Workspace) -> pa.Table:
    """Return the touches of edits that were taken back."""
    made = decisions(workspace)
    force = {each.touch_id for each in in_force(made)}
    gone = [each.touch_id for each in made if each.verb == "edit" and each.touch_id not in force]
    return pa.table({"touch_id": pa.array(gone, pa.string())})


RANK = "CASE says WHEN 'mail' THEN 0 WHEN 'employer' THEN 1 WHEN 'deal' THEN 2 WHEN 'touch' THEN 3 ELSE 4 END"
"""SQL: of what is said at one instant, what holds: what somebody states of a company goes before a mail address."""

_NOT_UNDONE = "ANTI JOIN undone USING (touch_id)"
_SAID = (
    f"SELECT code, key, epoch_us(since) * 8 + {RANK} AS said, says = 'mail' AS mailed FROM belongings {_NOT_UNDONE} "
    "WHERE since IS NOT NULL"
)
