"""Clusters: people as the connected components of active evidence."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hedgerow.ledger import Workspace
from hedgerow.people.kinds import DEVICE, SHARED

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """Who is who: `person[code]` is the person an identifier belongs to, named by their smallest code."""

    person: I64
    shared: I64
    """The codes that were found to stand for more than one person, and so tie nobody together."""


def clusters(workspace: Workspace) -> Clusters:
    """Return the people there are by the evidence in force.

    Evidence through a kind that many share is not active, nor is that through a device to which evidence ties
    two identifiers of one other kind: two mail addresses, say. Both depend on the set of evidence alone, never
    on the order it came in, so cutting a row of evidence restores the people there were without it.
    """
    kept, settled = _known.get(workspace), workspace.settled
    if kept and settled and kept[0] == settled:
        return kept[1]
    found = _found(workspace)
    if settled and workspace.settled == settled:
        _known[workspace] = (settled, found)
    return found


_known: WeakKeyDictionary[Workspace, tuple[str, Clusters]] = WeakKeyDictionary()


def _found(workspace: Workspace) -> Clusters:
    if "evidence" not in workspace.derived.names():
        return Clusters(np.zeros(0, np.int64), np.zeros(0, np.int64))
    edges = workspace.engine.sql(_ACTIVE)
    highest = workspace.engine.sql("SELECT coalesce(max(code), -1) AS code FROM identifiers")["code"][0].as_py()
    shared = workspace.engine.sql(f"SELECT code FROM ({_CROWDED}) ORDER BY code")["code"].to_numpy()
    return Clusters(components(edges["a"].to_numpy(), edges["b"].to_numpy(), highest + 1), shared.astype(np.int64))


def components(a: I64, b: I64, count: int) -> I64:
    """Return (count,) the smallest code in each code's connected component, given edges a[i] - b[i]."""
    if not len(a):
        return np.arange(count, dtype=np.int64)
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    smallest = np.full(label.max() + 1, count, np.int64)
    np.minimum.at(smallest, label, np.arange(count))
    return smallest[label]


def _kinds(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_EDGES = (
    "SELECT DISTINCT e.a, e.b, x.kind AS a_kind, y.kind AS b_kind FROM evidence e "
    "JOIN identifiers x ON x.code = e.a JOIN identifiers y ON y.code = e.b "
    f"WHERE x.kind NOT IN ({_kinds(SHARED)}) AND y.kind NOT IN ({_kinds(SHARED)})"
)
_CROWDED = (
    f"SELECT code FROM (SELECT a AS code, a_kind AS kind, b_kind AS other FROM ({_EDGES}) UNION ALL "
    f"SELECT b, b_kind, a_kind FROM ({_EDGES})) WHERE kind IN ({_kinds(DEVICE)}) AND other NOT IN ({_kinds(DEVICE)}) "
    f"GROUP BY code, other HAVING count(*) > 1"
)
_ACTIVE = f"SELECT a, b FROM ({_EDGES}) WHERE a NOT IN ({_CROWDED}) AND b NOT IN ({_CROWDED}) ORDER BY a, b"
