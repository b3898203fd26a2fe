"""Affected: whose facts may have changed since leads were last looked at, by new touches, merges, or time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.journeys.swarms import SECONDS
from hedgerow.leads.moving.memory import Memory
from hedgerow.ledger import Workspace
from hedgerow.people import Clusters
from hedgerow.people.kinds import DEVICE, SHARED

I64 = NDArray[np.int64]
NOBODY = ("user", "rule", "team", "link", "key")
"""Kinds of identifiers that stand for no person who could be a lead."""

UNNAMED = (*DEVICE, *SHARED, *NOBODY)
"""Kinds of identifiers that no lead stands under."""

_NO_LEAD = np.int64(-1)


@dataclass(frozen=True)
class Affected:
    """Whose leads to look at: the leads there are of these persons, and those who are no lead yet.

    `leads` and `fresh` are identifier codes; `members` the codes of all of these persons.
    """

    leads: I64
    fresh: I64
    members: I64


def affected(workspace: Workspace, known: Clusters, memory: Memory, upto: int, at: int) -> Affected:
    """Return who has to be looked at: what is new in the ledger, who was merged or split, whose time has come."""
    next_at = _next_at(workspace, len(known.person))
    whose, leads = np.zeros(len(known.person), bool), next_at != _NO_LEAD
    if memory.upto < upto:
        rows = workspace.engine.sql(f"SELECT DISTINCT lead FROM changes WHERE turn > {memory.upto}")
        changed = rows["lead"].to_numpy()
        leads[changed] = True
        whose[known.person[_codes(workspace, memory.upto, upto)]] = True
        whose[known.person[changed]] = True
    whose[_moved(known, memory)] = True
    whose[known.person[np.flatnonzero(leads & (next_at <= at))]] = True
    members = np.flatnonzero(whose[known.person]).astype(np.int64)
    standing = members[leads[members]]
    return Affected(standing, _fresh(workspace, known, members, standing), members)


def _next_at(workspace: Workspace, codes: int) -> I64:
    """Return (codes,) when each lead has to be looked at next, `_NO_LEAD` for identifiers that are none."""
    rows = workspace.engine.sql("SELECT lead, next_at, number FROM leads")
    order = np.argsort(rows["number"].to_numpy(), kind="stable")
    found = np.full(codes, _NO_LEAD)
    found[rows["lead"].to_numpy()[order]] = rows["next_at"].to_numpy()[order]  # the latest row of a lead stays
    return found


def _codes(workspace: Workspace, after: int, upto: int) -> I64:
    new = f"turn > {after} AND turn <= {upto}"
    near = f"BETWEEN n.occurred_at - INTERVAL {SECONDS} SECONDS AND n.occurred_at + INTERVAL {SECONDS} SECONDS"
    rows = workspace.engine.sql(
        f"SELECT DISTINCT code FROM (SELECT actor_code AS code FROM touches WHERE {new} UNION ALL "
        f"SELECT unnest(claim_codes) FROM touches WHERE {new} UNION ALL "
        f"SELECT unnest(people_codes) FROM deals_history WHERE {new} UNION ALL "
        f"SELECT m.actor_code FROM marks m JOIN (SELECT DISTINCT hand, occurred_at FROM marks WHERE {new} "
        f"AND hand IS NOT NULL) n ON m.hand = n.hand AND m.occurred_at {near}) ORDER BY code"
    )
    codes: I64 = rows["code"].to_numpy().astype(np.int64)
    return codes


def _moved(known: Clusters, memory: Memory) -> I64:
    """Return the persons who lost or won an identifier: their former selves and their present ones."""
    before, now = memory.person, known.person[: len(memory.person)]
    codes = np.flatnonzero(before[: len(now)] != now)
    return np.unique(np.concatenate([known.person[before[codes]], now[codes]]))


def _fresh(workspace: Workspace, known: Clusters, members: I64, leads: I64) -> I64:
    """Return, for each person without a lead, the first of their identifiers that a lead can stand under."""
    has = np.zeros(len(known.person), bool)
    has[known.person[leads]] = True
    wanting = members[~has[known.person[members]]]
    if not len(wanting):
        return wanting
    kinds = ", ".join(f"'{kind}'" for kind in UNNAMED)
    rows = workspace.engine.sql(
        f"SELECT code FROM identifiers WHERE code IN (SELECT code FROM wanting) AND kind NOT IN ({kinds}) "
        f"ORDER BY code",
        wanting=pa.table({"code": wanting}),
    )
    codes = rows["code"].to_numpy().astype(np.int64)
    _, first = np.unique(known.person[codes], return_index=True)
    found: I64 = codes[np.sort(first)]
    return found
