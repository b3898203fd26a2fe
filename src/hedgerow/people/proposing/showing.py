"""Showing: proposals with both sides and their reasons, the one that tells most first; and matches, with theirs."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.asking.person import name_of, summaries
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.decisions import decisions, in_force
from hedgerow.people.matching import review
from hedgerow.people.matching.proposals import PAIRS
from hedgerow.people.proposing.answers import answered
from hedgerow.people.proposing.proposed import PROPOSALS

Rows = list[dict[str, Any]]


def open_proposals(workspace: Workspace, most: int) -> tuple[Rows, int]:
    """Return at most `most` proposals that wait for an answer, the one that tells most first, and how many there are.

    A proposal has `one` and `other` (names of identifiers), `people` (two summaries with name), `weight` and
    `support` in bits, the `probability` that answers so far give it, `settles` (pairs of people an answer settles),
    `reason`, and `why`: the waterfall, each with comparison, says, bits, rarity, m and u, and the sum `before` it.
    """
    known = clusters(workspace)
    pairs = _pairs(workspace, known)
    said = answered(workspace, known)
    closed = set(zip(said.closed["a"].to_pylist(), said.closed["b"].to_pylist(), strict=True))
    ends = list(zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True))
    open_ = pairs.take(pa.array([place for place, pair in enumerate(ends) if pair not in closed], pa.int64()))
    queue = review(open_.select(PAIRS.names), said.answers).queue
    asked = queue.slice(0, most).to_pylist()
    rows = {(row["a"], row["b"]): row for row in reversed(open_.to_pylist())}
    wanted = {row[side] for row in asked for side in "ab"}
    told = {each["person"]: each | {"name": name_of(each)} for each in summaries(workspace, known, wanted)}
    shown = [rows[row["a"], row["b"]] | row for row in asked]
    return [
        row | {"people": [told[row[side]] for side in "ab"], "why": _fallen(json.loads(row["why"]))} for row in shown
    ], len(queue)


def proposal_between(workspace: Workspace, one: str, other: str) -> dict[str, Any] | None:
    """Return what is proposed of two identifiers: its support in bits, and its weight; None where nothing is."""
    pairs = _pairs(workspace, clusters(workspace))
    found: Rows = [row for row in pairs.to_pylist() if {row["one"], row["other"]} == {one, other}]
    return found[0] if found else None


def matches_of(workspace: Workspace, person: int) -> Rows:
    """Return the matches that tie a person, the newest first: touch_id, at, one, other, probability, weight, why."""
    codes = pa.table({"code": np.flatnonzero(clusters(workspace).person == person)})
    rows: Rows = workspace.engine.sql(
        "SELECT touch_id, occurred_at AS at, names[1] AS one, names[2] AS other, properties FROM decisions "
        "WHERE verb = 'match' AND codes[1] IN (SELECT code FROM mine) AND codes[2] IN (SELECT code FROM mine) "
        "ORDER BY occurred_at DESC, touch_id",
        mine=codes,
    ).to_pylist()
    made = decisions(workspace)
    force = {each.touch_id for each in in_force(made)}
    cut = {each.object for each in made if each.verb == "cut" and each.touch_id in force}
    off = {each.touch_id for each in made if each.touch_id not in force}
    return [
        {"probability": 1.0, "weight": None} | row | said | {"why": _fallen(said.get("why", []))}
        for row, said in ((row, json.loads(row["properties"] or "{}")) for row in rows)
        if row["touch_id"] not in off and f"touch:{row['touch_id']}" not in cut
    ]


def _fallen(why: Rows) -> Rows:
    """Return a waterfall from the prior on, what speaks for it first, each with the sum in bits before it."""
    ordered = sorted(why, key=lambda each: (each["comparison"] != "prior", -each["bits"]))
    sums = np.cumsum([0.0, *(each["bits"] for each in ordered)]).tolist()
    return [each | {"before": before} for each, before in zip(ordered, sums, strict=False)]


def _pairs(workspace: Workspace, known: Clusters) -> pa.Table:
    """Return the proposals about people who are still two: their people now (a before b), and names."""
    workspace.derived.ensure(PROPOSALS)
    now = pa.table({"code": np.arange(len(known.person)), "person": known.person})
    return workspace.engine.sql(
        "SELECT least(x.person, y.person) AS a, greatest(x.person, y.person) AS b, p.* EXCLUDE (a, b), "
        "i.kind || ':' || i.value AS one, j.kind || ':' || j.value AS other FROM proposals p "
        "JOIN now_of x ON x.code = p.a JOIN now_of y ON y.code = p.b "
        "JOIN identifiers i ON i.code = p.a JOIN identifiers j ON j.code = p.b "
        "WHERE x.person <> y.person AND decision = 'review' ORDER BY weight DESC, a, b",
        now_of=now,
    )
