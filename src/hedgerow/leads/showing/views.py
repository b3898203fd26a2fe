"""Showing: what pages and commands ask of leads: one's day, one lead, the board, and how the two sides keep word."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from hedgerow.charter.condition.sql import literal
from hedgerow.kit import clock
from hedgerow.leads.commands import find_lead
from hedgerow.leads.current import ACTIVE, LATEST
from hedgerow.leads.force import charter_of
from hedgerow.leads.showing.steps import ends, is_offered, next_step, with_steps
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
    charter = charter_of(workspace)
    own = f" AND owner = {literal(user)}" if user else ""
    rows = workspace.engine.sql(
        f"SELECT lead, identifier, stage, owner, score, grade, account, clock, due_at, "
        f"{is_offered(charter)} AS offered FROM {ACTIVE} WHERE stage NOT IN ({ends(charter)}){own} "
        f"ORDER BY due_at NULLS LAST, score DESC, lead"
    )
    now = clock.now()
    late = [due_at is not None and due_at <= now for due_at in rows["due_at"].to_pylist()]
    shown = with_steps(charter, rows).drop_columns(["clock"])
    return shown.append_column("late", pa.array(late, pa.bool_()))


def lead(workspace: Workspace, identifier: str) -> Shown:
    """Return one lead by any identifier of its person; raises `HedgerowError` where nobody is a lead by it."""
    charter = charter_of(workspace)
    code = find_lead(workspace, identifier)
    row = workspace.engine.sql(f"SELECT * FROM {LATEST} WHERE lead = {code}").to_pylist()[0]
    step = next_step(charter, row["stage"], row["clock"])
    return Shown(row, history(workspace, code), step, row["due_at"], story(workspace, identifier))


def board(workspace: Workspace) -> pa.Table:
    """Return a row for each stage in the charter's order: stage, team, leads, late, longest (days in the stage).

    Raises `HedgerowError` where no charter is in force.
    """
    charter = charter_of(workspace)
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
    charter = charter_of(workspace)
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
