"""Search: the people whose names or identifiers hold a text, those seen last first."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.asking.person import name_of, summaries
from hedgerow.people.clusters import clusters
from hedgerow.people.consents import consents
from hedgerow.people.kinds import DEVICE, SHARED
from hedgerow.people.profiles import STATED

Only = Literal["identified", "everybody", "refusing"]
ONLY: dict[str, str] = {
    "identified": "people",
    "everybody": "people and devices",
    "refusing": "who refused something",
}


def search(workspace: Workspace, text: str, only: str, most: int) -> tuple[list[dict[str, Any]], int]:
    """Return summaries of at most `most` people (with `name`), and how many there are of them in all.

    `text` is looked for in names and identifiers, whatever its case; `only` is a key of `ONLY`.
    """
    known = clusters(workspace)
    workspace.derived.ensure(STATED)
    people = pa.table({"code": np.arange(len(known.person)), "person": known.person})
    loose = ", ".join(f"'{kind}'" for kind in (*SHARED, *DEVICE))
    where = ["kind NOT IN (" + loose + ")" if only == "identified" else f"kind NOT IN ({', '.join(map(repr, SHARED))})"]
    tables = {"people": people, "asked": pa.table({"text": [text.strip()]})}
    if text.strip():
        where.append(_HOLDS)
    if only == "refusing":
        refusing = consents(workspace)
        tables["refusing"] = refusing.filter(pa.compute.invert(refusing["given"])).select(["person"])
        where.append("person IN (SELECT person FROM refusing)")
    rows = workspace.engine.sql(_FOUND.format(where=" AND ".join(where), most=most), **tables)
    found = rows["person"].to_pylist()
    told = {each["person"]: each for each in summaries(workspace, known, found)}
    whole = rows["whole"][0].as_py() if len(rows) else 0
    return [told[person] | {"name": name_of(told[person])} for person in found], whole


def known_by(workspace: Workspace, text: str) -> pa.Table:
    """Return the people (person) whose names or identifiers hold a text, whatever its case."""
    known = clusters(workspace)
    workspace.derived.ensure(STATED)
    people = pa.table({"code": np.arange(len(known.person)), "person": known.person})
    asked = pa.table({"text": [text.strip()]})
    query = f"WITH {_NAMED} SELECT DISTINCT person FROM identifiers JOIN people USING (code) WHERE {_HOLDS}"
    return workspace.engine.sql(query, people=people, asked=asked)


_HOLDS = "(contains(lower(value), (SELECT lower(text) FROM asked)) OR code IN (SELECT code FROM named))"
_NAMED = """named AS (
  SELECT DISTINCT code FROM stated
  WHERE field IN ('full_name', 'given_name', 'surname', 'nickname', 'employer')
    AND contains(lower(value), (SELECT lower(text) FROM asked))
)"""
_FOUND = f"""
WITH {_NAMED}, found AS (
  SELECT DISTINCT person FROM identifiers JOIN people USING (code) WHERE {{where}}
), seen AS (
  SELECT person, max(occurred_at) AS last_at FROM touches JOIN people ON actor_code = code GROUP BY person
)
SELECT person, count(*) OVER () AS whole FROM found LEFT JOIN seen USING (person)
ORDER BY last_at DESC NULLS LAST, person LIMIT {{most}}
"""
