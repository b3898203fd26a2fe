"""Found: the people known on one network, where else they are, and by which chain of evidence."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError, nearest
from hedgerow.ledger import Workspace
from hedgerow.people.clusters import clusters
from hedgerow.people.kinds import DEVICE, SHARED


@dataclass(frozen=True)
class Step:
    """A step of a chain: to which identifier, says which source, since when, by which touch (or what else says so)."""

    identifier: str
    source: str
    since: datetime
    touch_id: str


@dataclass(frozen=True)
class Found:
    """Somebody known as `known` who is `other` too, and the steps that lead there."""

    known: str
    other: str
    chain: tuple[Step, ...]


def found(workspace: Workspace, network: str) -> list[Found]:
    """Return who is known on a network (a kind of identifier) and everything else they are known by, each explained.

    A chain is the shortest there is, the earliest evidence first among equals. Raises `HedgerowError` with the
    nearest name where nobody is known on the network.
    """
    kinds = {row["kind"] for row in workspace.engine.sql(_KINDS).to_pylist()} if _is_derived(workspace) else set()
    if network not in kinds:
        raise HedgerowError(f"Nobody is known on '{network}': import a book first.{nearest(network, kinds)}")
    known = clusters(workspace)
    code = np.arange(len(known.person))
    codes = pa.table({"code": code, "person": known.person, "open": ~np.isin(code, known.shared)})
    names = workspace.engine.sql(_NAMES, who=codes, asked=pa.table({"kind": [network]})).to_pylist()
    edges = workspace.engine.sql(_EDGES, who=codes, asked=pa.table({"kind": [network]})).to_pylist()
    return list(_explained(names, edges, network))


def _is_derived(workspace: Workspace) -> bool:
    return "evidence" in workspace.derived.names()


def _explained(names: list[dict[str, Any]], edges: list[dict[str, Any]], network: str) -> Iterator[Found]:
    beside: dict[int, list[dict[str, Any]]] = {}
    for edge in edges:
        beside.setdefault(edge["a"], []).append({**edge, "to": edge["b"]})
        beside.setdefault(edge["b"], []).append({**edge, "to": edge["a"]})
    named = {row["code"]: f"{row['kind']}:{row['value']}" for row in names}
    for row in names:
        if row["kind"] == network:
            yield from _reached(row["code"], named, beside)


def _reached(start: int, named: dict[int, str], beside: dict[int, list[dict[str, Any]]]) -> Iterator[Found]:
    chains: dict[int, tuple[Step, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for edge in beside.get(here, ()):
            to = edge["to"]
            if to in named and to not in chains:
                step = Step(named[to], edge["source"], edge["since"], edge["touch_id"])
                chains[to] = (*chains[here], step)
                waiting.append(to)
    for code, chain in chains.items():
        if chain and not named[code].startswith("card."):
            yield Found(named[start], named[code], chain)


_QUIET = ", ".join(f"'{kind}'" for kind in (*DEVICE, *SHARED))
_KINDS = f"SELECT DISTINCT kind FROM identifiers WHERE kind NOT IN ({_QUIET}) AND NOT starts_with(kind, 'card.')"
_THEM = "SELECT DISTINCT person FROM who JOIN identifiers USING (code) JOIN asked USING (kind)"
_NAMES = (
    f"SELECT code, kind, value FROM identifiers JOIN who USING (code) WHERE open AND kind NOT IN ({_QUIET}) "
    f"AND person IN ({_THEM}) ORDER BY kind, value"
)
_EDGES = (
    f"SELECT a, b, coalesce(t.source, e.says) AS source, e.since, e.touch_id FROM evidence e "
    f"JOIN who x ON x.code = e.a JOIN who y ON y.code = e.b LEFT JOIN touches t ON t.touch_id = e.touch_id "
    f"WHERE x.person = y.person AND x.open AND y.open AND x.person IN ({_THEM}) ORDER BY e.since, e.touch_id, a, b"
)
