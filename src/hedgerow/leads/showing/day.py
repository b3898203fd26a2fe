"""Day: what waits for somebody now: offers, clocks that run out, and people who wait for a reply, in order of worth."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from hedgerow.charter import Charter
from hedgerow.charter.condition.sql import literal
from hedgerow.kit import clock
from hedgerow.leads.current import ACTIVE
from hedgerow.leads.force import charter_of
from hedgerow.leads.knowing.traits import quote
from hedgerow.leads.showing.listing import columns
from hedgerow.leads.showing.steps import ends, with_steps
from hedgerow.ledger import OWN, Workspace
from hedgerow.people import clusters, names

SOON = timedelta(days=3)
"""How long before it is due a clock stands on the day's page."""
LISTENS = timedelta(days=30)
"""How long somebody who said something is waited for with a reply."""

_SPEAKING = ("create", "question", "mention", "review", "announce", "submit")
"""Verbs by which people say something that can be replied to, where there is a text."""


@dataclass(frozen=True)
class Part:
    """A part of a day: rows as in `listed`, those worth most first, and how many there are in all.

    Rows of replies have said, said_at, channel and url as well: what is to be replied to.
    """

    rows: pa.Table
    whole: int


@dataclass(frozen=True)
class Day:
    """What waits for somebody: each lead once, as an offer, else by its clock, and beside that by what it said."""

    offers: Part
    clocks: Part
    replies: Part


def day(workspace: Workspace, owner: str | None = None, most: int = 50) -> Day:
    """Return what waits for an owner (None: for everybody), at most `most` leads a part.

    A clock is on it from `SOON` before it is due, where something has to be done; a reply is wanted by who said
    something in the last `LISTENS`, in public or in a form, and was not reached out to since. Raises `HedgerowError`
    where no charter is in force.
    """
    charter = charter_of(workspace)
    with workspace.engine.still():
        found = [
            _waiting(workspace, charter, owner, most, "offered"),
            _waiting(workspace, charter, owner, most, f"NOT offered AND {_runs_out(charter)}"),
            _replies(workspace, charter, owner, most),
        ]
        called = names(workspace, {person for rows in found for person in rows["person"].to_pylist()})
    return Day(*(_part(charter, rows, called) for rows in found))


def _part(charter: Charter, rows: pa.Table, called: dict[int, str]) -> Part:
    whole = int(rows["whole"][0].as_py()) if len(rows) else 0
    name = pa.array([called[person] for person in rows["person"].to_pylist()], pa.string())
    return Part(with_steps(charter, rows.drop_columns(["whole"])).append_column("name", name), whole)


def _waiting(workspace: Workspace, charter: Charter, owner: str | None, most: int, where: str) -> pa.Table:
    return workspace.engine.sql(
        f"SELECT *, count(*) OVER () AS whole FROM ({_own(charter)}) WHERE {where} "
        f"ORDER BY score DESC NULLS LAST, due_at NULLS LAST, lead LIMIT {most}",
        asked=pa.table({"owner": pa.array([owner], pa.string())}),
    )


def _own(charter: Charter) -> str:
    """Return the SQL of the leads whose owner is asked for, those at an end and those asleep aside."""
    now = clock.microseconds(clock.now())
    return (
        f"SELECT {columns(charter)} FROM {ACTIVE} WHERE stage NOT IN ({ends(charter)}) "
        f"AND (wake_at IS NULL OR epoch_us(wake_at) <= {now}) "
        f"AND ((SELECT owner FROM asked) IS NULL OR owner = (SELECT owner FROM asked))"
    )


def _runs_out(charter: Charter) -> str:
    """Return the SQL that is true of a lead whose clock waits for something that is due soon, or was due."""
    until = clock.microseconds(clock.now() + SOON)
    waits = [
        f"(stage = {literal(name)} AND clock = {literal(each)})"
        for name, stage in charter.stages.items()
        for each, rules in stage.clocks.items()
        if rules.must
    ]
    return f"epoch_us(due_at) <= {until} AND ({' OR '.join(waits) or 'false'})"


def _replies(workspace: Workspace, charter: Charter, owner: str | None, most: int) -> pa.Table:
    known = clusters(workspace).person
    return workspace.engine.sql(
        _SPOKEN.format(
            own=_own(charter),
            since=clock.microseconds(clock.now() - LISTENS),
            now=clock.microseconds(clock.now()),
            month=f"{clock.now() - LISTENS:%Y-%m}",
            speaking=", ".join(map(quote, _SPEAKING)),
            contacts=", ".join(map(quote, workspace.settings.leads.contacts)) or "''",
            ours=quote(OWN),
            most=most,
        ),
        asked=pa.table({"owner": pa.array([owner], pa.string())}),
        people=pa.table({"code": np.arange(len(known)), "whose": known}),
    )


_SPOKEN = """
WITH own AS ({own}), mine AS (SELECT code, whose FROM people JOIN own ON whose = person), spoken AS (
  SELECT whose, arg_max({{said: text, channel: channel, url: url}}, (occurred_at, touch_id))
           FILTER (NOT ours AND speaks) AS last, max(occurred_at) FILTER (NOT ours AND speaks) AS said_at,
         max(occurred_at) FILTER (ours) AS reached_at
  FROM (SELECT *, verb IN ({contacts}) OR (source = {ours} AND verb IN ('send', 'call', 'meet')) AS ours,
               verb IN ({speaking}) AND text IS NOT NULL AS speaks
        FROM touches JOIN mine ON actor_code = code WHERE month >= '{month}'
          AND epoch_us(occurred_at) > {since} AND epoch_us(occurred_at) <= {now}
          AND touch_id NOT IN (SELECT touch_id FROM marks WHERE automaton))
  GROUP BY whose)
SELECT own.*, last.said AS said, last.channel AS channel, last.url AS url, said_at, count(*) OVER () AS whole
FROM own JOIN spoken ON whose = person
WHERE NOT offered AND said_at IS NOT NULL AND (reached_at IS NULL OR said_at > reached_at)
ORDER BY score DESC NULLS LAST, said_at, lead LIMIT {most}
"""
