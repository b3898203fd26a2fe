"""Showing: what pages and commands ask of leads: one's day, one lead, the board, and how the two sides keep word."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from hedgerow.charter import Charter, sentence
from hedgerow.charter.condition.sql import literal
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.commands import find_lead
from hedgerow.leads.current import ACTIVE, LATEST
from hedgerow.leads.force import InForce, in_force
from hedgerow.leads.showing.story import Line, story
from hedgerow.leads.state import history
from hedgerow.ledger import Workspace


@dataclass(frozen=True)
class Shown:
    """One lead: its row of `LEADS`, its changes in order, what is to be done next and by when, and its story."""

    row: dict[str, Any]
    changes: pa.Table
    next_step: str
    due_at: datetime | None
    story: list[Line]


def today(workspace: Workspace, user: str | None = None) -> pa.Table:
    """Return the leads of a person (None: everybody's) that are not at an end, the most urgent first.

    Columns lead, identifier, stage, owner, score, grade, account, due_at, late, offered, next_step. Raises
    `HedgerowError` where no charter is in force.
    """
    charter = _charter(workspace).charter
    ends = ", ".join(literal(name) for name, stage in charter.stages.items() if stage.end) or "''"
    sales = ", ".join(literal(name) for name, team in charter.teams.items() if team.side == "sales") or "''"
    own = f" AND owner = {literal(user)}" if user else ""
    rows = workspace.engine.sql(
        f"SELECT lead, identifier, stage, owner, score, grade, account, clock, due_at, "
        f"warm AND team IN ({sales}) "
        f"AND NOT accepted AND NOT returned AS offered FROM {ACTIVE} WHERE stage NOT IN ({ends}){own} "
        f"ORDER BY due_at NULLS LAST, score DESC, lead"
    )
    now = clock.now()
    late = [due_at is not None and due_at <= now for due_at in rows["due_at"].to_pylist()]
    pairs = zip(rows["stage"].to_pylist(), rows["clock"].to_pylist(), strict=True)
    steps = {pair: _next_step(charter, *pair) for pair in set(pairs)}
    named = [steps[pair] for pair in zip(rows["stage"].to_pylist(), rows["clock"].to_pylist(), strict=True)]
    shown = rows.drop_columns(["clock"]).append_column("late", pa.array(late, pa.bool_()))
    return shown.append_column("next_step", pa.array(named, pa.string()))


def lead(workspace: Workspace, identifier: str) -> Shown:
    """Return one lead by any identifier of its person; raises `HedgerowError` where nobody is a lead by it."""
    charter = _charter(workspace).charter
    code = find_lead(workspace, identifier)
    row = workspace.engine.sql(f"SELECT * FROM {LATEST} WHERE lead = {code}").to_pylist()[0]
    step = _next_step(charter, row["stage"], row["clock"])
    return Shown(row, history(workspace, code), step, row["due_at"], story(workspace, identifier))


def board(workspace: Workspace) -> pa.Table:
    """Return a row for each stage in the charter's order: stage, team, leads, late, longest (days in the stage).

    Raises `HedgerowError` where no charter is in force.
    """
    charter = _charter(workspace).charter
    now = clock.microseconds(clock.now())
    stages = pa.table({"place": range(len(charter.stages)), "stage": list(charter.stages)})
    return workspace.engine.sql(
        f"SELECT stages.stage, team, count(lead) AS leads, count_if(epoch_us(due_at) <= {now}) AS late, "
        f"max(({now} - epoch_us(entered_at)) / 86400e6) AS longest FROM stages LEFT JOIN {ACTIVE} l USING (stage) "
        f"GROUP BY ALL ORDER BY any_value(place), team",
        stages=stages,
    )


def health(workspace: Workspace, days: int = 30) -> pa.Table:
    """Return how word was kept in the last `days`: a row for each stage, team and clock that ran out.

    Columns stage, team, rule, verb (escalate: a team was told; progress: the lead was moved), count, last_at.
    """
    charter = _charter(workspace).charter
    clocks = sorted({name for stage in charter.stages.values() for name in stage.clocks})
    since = clock.microseconds(clock.now() - timedelta(days=days))
    return workspace.engine.sql(
        f"SELECT coalesce(before, stage) AS stage, coalesce(had, team) AS team, rule, verb, count(*) AS count, "
        f"max(changed_at) AS last_at FROM (SELECT *, lag(stage) OVER own AS before, lag(team) OVER own AS had "
        f"FROM changes WINDOW own AS (PARTITION BY lead ORDER BY step)) WHERE rule IN (SELECT rule FROM clocks) "
        f"AND verb IN ('escalate', 'progress') AND epoch_us(changed_at) > {since} GROUP BY ALL ORDER BY count DESC, "
        f"stage, rule",
        clocks=pa.table({"rule": pa.array(clocks, pa.string())}),
    )


def _charter(workspace: Workspace) -> InForce:
    force = in_force(workspace)
    if force is None:
        raise HedgerowError("No charter is in force, so there are no leads: sign one with `hedgerow charter sign`.")
    return force


def _next_step(charter: Charter, stage: str, name: str | None) -> str:
    """Return what its owner has to do with a lead, in words."""
    rules = charter.stages.get(stage)
    waits = rules.clocks[name] if rules and name in rules.clocks else None
    if waits is None or name is None:
        return "nothing: the charter waits for the lead"
    if waits.must is None:
        return f"nothing: '{name}' ends its stay after {waits.within}"
    return f"'{name}': until {sentence(waits.must)}"
