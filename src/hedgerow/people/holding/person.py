"""The person: which identifiers are theirs, for what is asked about the whole of them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError
from hedgerow.ledger import NOT_OF_PEOPLE, Workspace
from hedgerow.people.clusters import clusters
from hedgerow.people.kinds import SHARED


def person_with(workspace: Workspace, identifier: str) -> list[str]:
    """Return every identifier of the person who has this one, it among them.

    Raises `HedgerowError` where it is no `kind:value`, nobody has it, or it stands for more than one person.
    """
    kind, colon, value = identifier.strip().partition(":")
    if not colon or not value.strip():
        raise HedgerowError(f"'{identifier}' is no identifier: write it as kind:value, as in email:ann@example.org.")
    said = f"{kind.strip().lower()}:{value.strip()}"
    if kind.strip().lower() in SHARED:
        raise HedgerowError(f"{said} is of a kind that many people share: name the person by one that is theirs alone.")
    if kind.strip().lower() in NOT_OF_PEOPLE:
        raise HedgerowError(f"{said} is of no person: name one by an identifier of theirs.")
    known = _codes(workspace, [said])
    if not len(known):
        raise HedgerowError(f"Nobody here has {said}: see how it is written in the touches, and ask for that.")
    if np.isin(known, clusters(workspace).shared).any():
        raise HedgerowError(f"{said} is used by more than one person: name the person by one that is theirs alone.")
    return known_as(workspace, [said])


def known_as(workspace: Workspace, identifiers: Sequence[str]) -> list[str]:
    """Return these identifiers, and all others of the people who have them, as far as they tie people together."""
    found = clusters(workspace)
    codes = _codes(workspace, identifiers)
    codes = np.setdiff1d(codes, found.shared)
    theirs = np.flatnonzero(np.isin(found.person, found.person[codes[codes < len(found.person)]]))
    apart = ", ".join(f"'{kind}'" for kind in (*SHARED, *NOT_OF_PEOPLE))
    named = workspace.engine.sql(
        "SELECT kind || ':' || value AS said FROM identifiers SEMI JOIN theirs USING (code) "
        f"WHERE kind NOT IN ({apart})",
        theirs=pa.table({"code": pa.array(np.setdiff1d(theirs, found.shared), pa.int64())}),
    )
    return sorted({*identifiers, *named["said"].to_pylist()})


def _codes(workspace: Workspace, identifiers: Sequence[str]) -> np.ndarray:
    if "identifiers" not in workspace.derived.names():
        return np.zeros(0, np.int64)
    asked = pa.table({"said": pa.array([each.lower() for each in identifiers], pa.string())})
    rows = workspace.engine.sql(
        "SELECT code FROM identifiers SEMI JOIN asked ON said = lower(kind || ':' || value) ORDER BY code", asked=asked
    )
    return np.asarray(rows["code"].to_numpy(), np.int64)
