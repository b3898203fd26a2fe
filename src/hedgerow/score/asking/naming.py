"""Naming: people by their identifiers, and those with the highest scores."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace
from hedgerow.people import clusters
from hedgerow.score.reading import as_known
from hedgerow.score.scores import scores


def person_of(workspace: Workspace, identifier: str) -> int:
    """Return the person an identifier (kind:value) belongs to; raises `HedgerowError` where nobody is called so."""
    kind, _, value = identifier.partition(":")
    with as_known(workspace, None) as known:
        asked = pa.table({"kind": [kind], "value": [value]})
        found = known.engine.sql("SELECT code FROM identifiers JOIN asked USING (kind, value)", asked=asked)
        if not len(found):
            raise HedgerowError(f"Nobody is called '{identifier}': write it as kind:value, such as email:ann@a.org.")
        return int(clusters(known).person[found["code"][0].as_py()])


def names_of(workspace: Workspace, people: Sequence[int]) -> dict[int, list[str]]:
    """Return the identifiers of each of these people, addresses of mail first, then those that came first."""
    with as_known(workspace, None) as known:
        person = clusters(known).person
        codes = np.flatnonzero(np.isin(person, np.array(people, np.int64)))
        members = pa.table({"code": codes, "person": person[codes]})
        rows = known.engine.sql(
            "SELECT person, kind || ':' || value AS name FROM identifiers JOIN members USING (code) "
            "ORDER BY kind <> 'email', code",
            members=members,
        )
    names: dict[int, list[str]] = {}
    for row in rows.to_pylist():
        names.setdefault(row["person"], []).append(row["name"])
    return names


def ranked(
    workspace: Workspace, count: int, at: datetime | None = None, known_at: datetime | None = None
) -> tuple[pa.Table, int, datetime]:
    """Return the `count` people with the highest score, with the column name, how many have one, and as of when.

    Where `at` is not given it is now, or up to an hour ago where nothing has come since.
    """
    asked, settled = (at, known_at), workspace.settled
    kept = _kept.get(workspace)
    if kept and settled and kept[:2] == (asked, settled) and (at or clock.now() - kept[2] < timedelta(hours=1)):
        return kept[3], kept[4], kept[2]
    moment = at or clock.now()
    everybody = scores(workspace, moment, known_at)
    rows = everybody.sort_by([("score", "descending"), ("person", "ascending")]).slice(0, count)
    names = names_of(workspace, rows["person"].to_pylist())
    said = [names.get(person, [str(person)])[0] for person in rows["person"].to_pylist()]
    rows = rows.append_column("name", pa.array(said, pa.string()))
    if settled and workspace.settled == settled:
        _kept[workspace] = (asked, settled, moment, rows, len(everybody))
    return rows, len(everybody), moment


_kept: WeakKeyDictionary[Workspace, tuple[Any, str, datetime, pa.Table, int]] = WeakKeyDictionary()
