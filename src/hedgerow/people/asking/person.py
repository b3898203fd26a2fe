"""A person: their identifiers, what ties them together, what they did, and what was decided about them."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.consents import consents
from hedgerow.people.decisions import Decision, decisions, in_force
from hedgerow.people.kinds import LAW, Law
from hedgerow.people.profiles import profiles

Rows = list[dict[str, Any]]


def identifiers(workspace: Workspace, people: Collection[int], known: Clusters | None = None) -> Rows:
    """Return the identifiers of people, each with person, code, kind, value, name, law and shared, the oldest first.

    `shared` says that the guard found it to be many people's.
    """
    known = known or clusters(workspace)
    codes = np.flatnonzero(np.isin(known.person, list(people)))
    mine = pa.table({"code": codes, "person": known.person[codes], "shared": np.isin(codes, known.shared)})
    return _rows(
        workspace,
        f"SELECT person, code, kind, value, kind || ':' || value AS name, ({LAW})::INTEGER AS law, shared "
        f"FROM identifiers JOIN mine USING (code) ORDER BY code",
        mine=mine,
    )


def evidence_of(workspace: Workspace, person: int) -> Rows:
    """Return what says that a person's identifiers are theirs, each with one, other (names), says, said_by, weight,
    touch_id, since and status, the newest first.

    The status is in force, cut, or undone; or that an end is many people's, or that it would tie two people together.
    """
    known = clusters(workspace)
    codes = np.flatnonzero(known.person == person)
    refused = pa.table({"a": known.refused[:, 0], "b": known.refused[:, 1]})
    rows = _rows(
        workspace, _EVIDENCE, mine=pa.table({"code": codes}), shared=pa.table({"code": known.shared}), refused=refused
    )
    made = decisions(workspace)
    force = {each.touch_id for each in in_force(made)}
    cut = {
        (each.object.removeprefix("touch:"), *sorted(each.codes[:2]))
        for each in made
        if each.verb == "cut" and each.touch_id in force
    }
    off = {each.touch_id for each in made if each.touch_id not in force}
    for row in rows:
        if (row["touch_id"], row["a"], row["b"]) in cut:
            row["status"] = "cut"
        elif row["touch_id"] in off:
            row["status"] = "undone"
    return rows


def ties(workspace: Workspace, person: int) -> Rows:
    """Return the evidence of a person by the pair it is about, each with one, other and rows, that in force first."""
    pairs: dict[tuple[str, str], Rows] = {}
    for row in evidence_of(workspace, person):
        pairs.setdefault((row["one"], row["other"]), []).append(row)
    found: Rows = [{"one": one, "other": other, "rows": rows} for (one, other), rows in pairs.items()]
    return sorted(found, key=lambda tie: all(row["status"] != "in force" for row in tie["rows"]))


def history(workspace: Workspace, person: int) -> list[tuple[Decision, bool]]:
    """Return what was decided about a person's identifiers, the newest first, each with whether it is in force."""
    known = clusters(workspace).person
    made = decisions(workspace)
    force = {each.touch_id for each in in_force(made)}
    mine = [each for each in made if any(known[code] == person for code in each.codes)]
    return [(each, each.touch_id in force) for each in reversed(mine)]


def timeline(workspace: Workspace, person: int, most: int, before: str = "") -> pa.Table:
    """Return the newest `most` touches of a person, those before the touch id `before` where one is given."""
    codes = np.flatnonzero(clusters(workspace).person == person)
    older = ""
    if before:
        older = "WHERE (occurred_at, touch_id) < (SELECT (occurred_at, touch_id) FROM asked JOIN his USING (touch_id))"
    return workspace.engine.sql(
        f"WITH his AS (SELECT touch_id, occurred_at, source, verb, actor, channel, campaign, url, object, title, text, "
        f"value, currency, properties FROM touches JOIN mine ON actor_code = code) "
        f"SELECT * FROM his {older} ORDER BY occurred_at DESC, touch_id DESC LIMIT {most}",
        mine=pa.table({"code": codes}),
        asked=pa.table({"touch_id": pa.array([before], pa.string())}),
    )


def summaries(workspace: Workspace, known: Clusters, people: Collection[int]) -> Rows:
    """Return of each person what is theirs where `known` says who is who: person, touches (how many), first_at,
    last_at, deals (how many), accounts, identifiers, profile and refused (purposes)."""
    asked = pa.array(sorted(people), pa.int64())
    named = identifiers(workspace, people, known)
    columns = {name: pa.array([each[name] for each in named], pa.int64()) for name in ("code", "person")}
    profile = {row["person"]: row for row in profiles(workspace, asked, known).to_pylist()}
    said = [row for row in consents(workspace, asked, known).to_pylist() if not row["given"]]
    return [
        row
        | {
            "identifiers": [each for each in named if each["person"] == row["person"]],
            "profile": profile.get(row["person"], {}),
            "refused": [each["purpose"] for each in said if each["person"] == row["person"]],
        }
        for row in _rows(workspace, _SUMMARY, mine=pa.table(columns))
    ]


def name_of(summary: dict[str, Any]) -> str:
    """Return what to call a person: their name, else the identifier that says most."""
    profile = summary["profile"]
    parts = [profile.get(part) for part in ("given_name", "surname")]
    name = profile.get("full_name") or " ".join(part for part in parts if part)
    best = max(
        summary["identifiers"], key=lambda each: (each["kind"] == "email", each["law"], -each["code"]), default=None
    )
    return str(name or (best["value"] if best else f"person {summary['person']}"))


def names(workspace: Workspace, people: Collection[int]) -> dict[int, str]:
    """Return what to call each of these people, by person (see `name_of`)."""
    known = clusters(workspace)
    named = identifiers(workspace, people, known)
    profile = {
        row["person"]: row for row in profiles(workspace, pa.array(sorted(people), pa.int64()), known).to_pylist()
    }
    mine: dict[int, Rows] = {}
    for each in named:
        mine.setdefault(each["person"], []).append(each)
    return {
        person: name_of({"person": person, "identifiers": mine.get(person, []), "profile": profile.get(person, {})})
        for person in people
    }


def _rows(workspace: Workspace, query: str, **tables: pa.Table) -> Rows:
    rows: Rows = workspace.engine.sql(query, **tables).to_pylist()
    return rows


_EVIDENCE = f"""
SELECT a, b, x.kind || ':' || x.value AS one, y.kind || ':' || y.value AS other, says, said_by, weight, touch_id, since,
       CASE WHEN x.law = {Law.SHARED:d} OR y.law = {Law.SHARED:d} THEN 'many share it'
            WHEN a IN (SELECT code FROM shared) OR b IN (SELECT code FROM shared) THEN 'found to be shared'
            WHEN (a, b) IN (SELECT (a, b) FROM refused) THEN 'would make one of two'
            ELSE 'in force' END AS status
FROM evidence JOIN (SELECT *, ({LAW})::INTEGER AS law FROM identifiers) x ON x.code = a
JOIN (SELECT *, ({LAW})::INTEGER AS law FROM identifiers) y ON y.code = b
WHERE a IN (SELECT code FROM mine) OR b IN (SELECT code FROM mine)
ORDER BY since DESC, touch_id, a, b
"""
_SUMMARY = """
WITH did AS (
  SELECT person, count(*) AS touches, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
         list_sort(list(DISTINCT account) FILTER (account IS NOT NULL)) AS accounts
  FROM touches JOIN mine ON actor_code = code GROUP BY person
), won AS (
  SELECT person, count(DISTINCT row_id) AS deals
  FROM (SELECT row_id, unnest(people_codes) AS code FROM deals) JOIN mine USING (code) GROUP BY person
)
SELECT person, coalesce(touches, 0) AS touches, first_at, last_at, coalesce(deals, 0) AS deals, accounts
FROM (SELECT DISTINCT person FROM mine) LEFT JOIN did USING (person) LEFT JOIN won USING (person) ORDER BY person
"""
