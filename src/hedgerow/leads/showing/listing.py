"""Listing: the leads there are, looked for and in an order, a page of them at a time, or stage by stage."""

from typing import Any

import msgspec
import pyarrow as pa

from hedgerow.charter import Charter
from hedgerow.charter.condition.sql import literal
from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.leads.current import ACTIVE
from hedgerow.leads.force import charter_of
from hedgerow.leads.showing.steps import is_offered, with_steps
from hedgerow.ledger import Workspace
from hedgerow.people import known_by, names

ORDERS = {
    "worth": ("worth", "score DESC NULLS LAST, lead"),
    "due": ("what is due first", "due_at NULLS LAST, score DESC, lead"),
    "newest": ("newest in their stage", "entered_at DESC, lead"),
    "longest": ("longest in their stage", "entered_at, lead"),
}
"""The orders leads are shown in: what each is called, and its SQL."""

_CARDS = 8
_SHOWN = (
    "lead, person, identifier, stage, team, owner, score, grade, account, country, entered_at, clock, due_at, "
    "wake_at, reason"
)


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which leads are looked for, and in which order; what is empty leaves none out.

    `grade` is a grade of the charter, `least` a score, and `text` is in a name, an identifier or an account.
    """

    stage: str = ""
    owner: str = ""
    grade: str = ""
    least: float | None = None
    text: str = ""
    order: str = "worth"


def listed(workspace: Workspace, sought: Sought, first: int = 0, most: int = 100) -> tuple[pa.Table, int]:
    """Return the leads that are looked for, `most` from the one at `first` on, and how many there are in all.

    Columns lead, person, identifier, stage, team, owner, score, grade, account, country, entered_at, clock, due_at,
    wake_at, reason, offered, late, days (in the stage), next_step and name. Raises `HedgerowError` where no charter is
    in force, and for a stage, a grade or an order that is not there.
    """
    charter = charter_of(workspace)
    where, tables = _where(workspace, charter, sought)
    rows = workspace.engine.sql(
        f"SELECT {columns(charter)}, count(*) OVER () AS whole FROM {ACTIVE} WHERE {where} "
        f"ORDER BY {ORDERS[sought.order][1]} LIMIT {most} OFFSET {first}",
        **tables,
    )
    whole = int(rows["whole"][0].as_py()) if len(rows) else 0
    return with_names(workspace, with_steps(charter, rows.drop_columns(["whole"]))), whole


def cards(workspace: Workspace, sought: Sought, most: int = _CARDS) -> dict[str, tuple[list[dict[str, Any]], int]]:
    """Return for each stage of the charter, in its order, the first `most` leads looked for and how many there are.

    A lead is as in `listed`; raises what `listed` raises.
    """
    charter = charter_of(workspace)
    where, tables = _where(workspace, charter, sought)
    order = ORDERS[sought.order][1]
    rows = workspace.engine.sql(
        f"SELECT {columns(charter)}, count(*) OVER (PARTITION BY stage) AS whole FROM {ACTIVE} WHERE {where} "
        f"QUALIFY row_number() OVER (PARTITION BY stage ORDER BY {order}) <= {most} ORDER BY {order}",
        **tables,
    )
    shown = with_names(workspace, with_steps(charter, rows)).to_pylist()
    stages = [sought.stage] if sought.stage else list(charter.stages)
    found = {stage: [row for row in shown if row["stage"] == stage] for stage in stages}
    return {stage: (rows, rows[0]["whole"] if rows else 0) for stage, rows in found.items()}


def choices(workspace: Workspace) -> dict[str, list[str]]:
    """Return what leads can be looked for by: the stages and grades of the charter, and the owners there are.

    Raises `HedgerowError` where no charter is in force.
    """
    charter = charter_of(workspace)
    owners = workspace.engine.sql(f"SELECT DISTINCT owner FROM {ACTIVE} ORDER BY owner")["owner"].to_pylist()
    return {"stage": list(charter.stages), "owner": owners, "grade": list(charter.grades)}


def with_names(workspace: Workspace, rows: pa.Table) -> pa.Table:
    """Return rows of person with the column name: what to call each."""
    people = rows["person"].to_pylist()
    called = names(workspace, set(people))
    return rows.append_column("name", pa.array([called[person] for person in people], pa.string()))


def columns(charter: Charter) -> str:
    """Return the SQL of the columns of a lead as it is listed, its next step and its name aside."""
    now = clock.microseconds(clock.now())
    return (
        f"{_SHOWN}, {is_offered(charter)} AS offered, coalesce(epoch_us(due_at) <= {now}, false) AS late, "
        f"({now} - epoch_us(entered_at)) / 86400e6 AS days"
    )


def _where(workspace: Workspace, charter: Charter, sought: Sought) -> tuple[str, dict[str, pa.Table]]:
    _check("stage", sought.stage, charter.stages)
    _check("grade", sought.grade, charter.grades)
    if sought.order not in ORDERS:
        raise HedgerowError(f"No order is called '{sought.order}'.{nearest(sought.order, ORDERS)}")
    where = [f"{name} = {literal(getattr(sought, name))}" for name in ("stage", "grade") if getattr(sought, name)]
    tables = {"asked": pa.table({"owner": [sought.owner], "text": [sought.text.strip().lower()]})}
    if sought.owner:
        where.append("owner IN (SELECT owner FROM asked)")
    if sought.least is not None:
        where.append(f"score >= {sought.least:f}")
    if sought.text.strip():
        where.append("(person IN (SELECT person FROM wanted) OR contains(lower(account), (SELECT text FROM asked)))")
        tables["wanted"] = known_by(workspace, sought.text)
    return " AND ".join(where) or "true", tables


def _check(what: str, name: str, known: Any) -> None:
    if name and name not in known:
        raise HedgerowError(f"The charter has no {what} '{name}'.{nearest(name, known)}")
