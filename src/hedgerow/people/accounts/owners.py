"""Owners: which account belongs to which, by the settings or else by what rows stated last."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.known import Known, known_accounts
from hedgerow.people.accounts.settling import key_said
from hedgerow.people.clusters import Clusters, clusters

I64 = NDArray[np.int64]


def owners(workspace: Workspace) -> dict[int, int]:
    """Return for each account that has one the account that owns it; nobody is, by whatever way, their own owner."""
    return _owners(workspace, known_accounts(workspace, clusters(workspace)))


def rolled_up(workspace: Workspace, people: Clusters, account: I64) -> I64:
    """Return for each account the one at the top of those that own it; itself where none does, -1 for -1."""
    above = _owners(workspace, known_accounts(workspace, people))
    if not above:
        return account
    below = np.array(sorted(above), np.int64)
    tops = np.array([_top(each, above) for each in below.tolist()], np.int64)
    at = np.minimum(np.searchsorted(below, account), len(below) - 1)
    return np.where(below[at] == account, tops[at], account)


def _owners(workspace: Workspace, known: Known) -> dict[int, int]:
    stated = workspace.engine.sql(
        "SELECT a, b FROM account_ties WHERE says = 'parent' "
        "QUALIFY row_number() OVER (PARTITION BY a ORDER BY since DESC, touch_id DESC, b) = 1 "
        "ORDER BY since, touch_id, a"
    )
    pairs = list(zip(stated["a"].to_pylist(), stated["b"].to_pylist(), strict=True))
    for child, parent in sorted(workspace.settings.accounts.parents.items()):
        if (one := key_said(child)) and (other := key_said(parent)):
            pairs.append((one[0], other[0]))
    keys = np.array(pairs, np.int64).reshape(-1, 2)
    place = known.vertices.place(keys.ravel()).reshape(-1, 2)
    account = known.vertices.account[place[(place >= 0).all(axis=1)]]
    return _without_rounds({int(child): int(parent) for child, parent in account if child != parent})


def _without_rounds(said: Mapping[int, int]) -> dict[int, int]:
    """Return who owns whom without the one of each round that has the smallest number, who is then at its top."""
    kept, done = dict(said), set[int]()
    for start in sorted(said):
        way: list[int] = []
        at: int | None = start
        while at is not None and at not in done and at not in way:
            way.append(at)
            at = kept.get(at)
        if at in way:
            kept.pop(min(way[way.index(at) :]))
        done.update(way)
    return kept


def _top(account: int, above: Mapping[int, int]) -> int:
    while account in above:
        account = above[account]
    return account
