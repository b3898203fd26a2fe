"""State: what was decided of each lead, change by change, as a fold over the decisions in the ledger."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import OWN, TableKind, Workspace
from hedgerow.ledger.touch import INSTANT

I64 = NDArray[np.int64]

VERBS = ("assign", "cede", "escalate", "progress", "restrict", "return", "take")
"""The verbs of decisions that change a lead."""

DECIDED = pa.schema(
    [
        ("step", pa.int64()),
        ("stage", pa.string()),
        ("entered_at", INSTANT),
        ("team", pa.string()),
        ("owner", pa.string()),
        ("owners", pa.string()),
        ("route", pa.string()),
        ("accepted", pa.bool_()),
        ("returned", pa.bool_()),
        ("reason", pa.string()),
        ("wake_at", INSTANT),
        ("told", pa.list_(pa.string())),
        ("taken_out", pa.bool_()),
        ("allows", pa.bool_()),
        ("rule", pa.string()),
        ("by", pa.string()),
        ("warm", pa.bool_()),
        ("facts", pa.string()),
    ]
)
"""What stands after a change, whole: the latest change of a lead is its state.

`step` counts a lead's changes from 1. `owners` is JSON: who had it last in each team, its owner now among them.
`route` says by which route a person was found ("" without one), where this change found one. `accepted`, `returned`,
`reason` and `told` (the clocks that ran out and were told of) are of the stay; a lead sleeps until `wake_at`.
`taken_out` and `allows` are what sales said about marketing. `rule`, `by` and `facts` (JSON) say why, `warm` that
it was handed over to this stage, with its story."""

CHANGES = TableKind(
    "changes",
    pa.schema(
        [
            ("lead", pa.int64()),
            ("verb", pa.string()),
            ("changed_at", INSTANT),
            *DECIDED,
            ("ceded_to", pa.int64()),
            ("touch_id", pa.string()),
            ("received_at", INSTANT),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("reason", "facts"),
)
"""A row a change: `lead` is the identifier code the lead stands under; `ceded_to` the lead it gave way to."""

_TYPES = {pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.list_(pa.string()): ["VARCHAR"], INSTANT: "BIGINT"}
_JSON = ("owners", "facts")


def fold_changes(workspace: Workspace, after: int, upto: int) -> None:
    """Take the decisions of the turns behind `after`, up to `upto`, that change a lead."""
    workspace.derived.ensure(CHANGES)
    shape = ", ".join(f'"{field.name}": {_shape(field)}' for field in DECIDED)
    columns = ", ".join(_column(field) for field in DECIDED)
    listed = ", ".join(f"'{verb}'" for verb in VERBS)
    rows = workspace.engine.sql(
        f"SELECT lead, verb, changed_at, {columns}, i.code AS ceded_to, touch_id, received_at, batch, turn FROM ("
        f"SELECT actor_code AS lead, verb, occurred_at AS changed_at, object, touch_id, received_at, batch, turn, "
        f"json_transform(properties, '{{{shape}}}') AS said FROM touches "
        f"WHERE verb IN ({listed}) AND source = '{OWN}' AND turn > {after} AND turn <= {upto}) "
        f"LEFT JOIN (SELECT code, kind || ':' || value AS identifier FROM identifiers) i "
        f"ON i.identifier = object AND verb = 'cede' WHERE said.step IS NOT NULL ORDER BY lead, step"
    )
    workspace.derived.append("changes", rows.cast(CHANGES.schema), upto)


def states(workspace: Workspace, leads: I64) -> pa.Table:
    """Return the latest change of each of these leads that has one, as in `CHANGES`."""
    return workspace.engine.sql(
        "SELECT * FROM changes WHERE lead IN (SELECT lead FROM asked) "
        "QUALIFY row_number() OVER (PARTITION BY lead ORDER BY step DESC) = 1 ORDER BY lead",
        asked=pa.table({"lead": leads}),
    ).cast(CHANGES.schema)


def history(workspace: Workspace, lead: int) -> pa.Table:
    """Return every change of a lead, in order, as in `CHANGES`."""
    rows = workspace.engine.sql(f"SELECT * FROM changes WHERE lead = {lead} ORDER BY step")
    return rows.cast(CHANGES.schema)


def latest_at(workspace: Workspace) -> int:
    """Return the instant of the latest change in microseconds, 0 without one."""
    rows = workspace.engine.sql("SELECT coalesce(max(epoch_us(changed_at)), 0) AS latest FROM changes")
    return int(rows["latest"][0].as_py())


def _shape(field: pa.Field) -> str:
    if field.name in _JSON:
        return '"JSON"'
    kind = _TYPES.get(field.type, "VARCHAR")
    return f'["{kind[0]}"]' if isinstance(kind, list) else f'"{kind}"'


def _column(field: pa.Field) -> str:
    value = f'said."{field.name}"'
    if field.type == INSTANT:
        value = f"make_timestamptz({value})"
    return f'{value}{"::VARCHAR" if field.name in _JSON else ""} AS "{field.name}"'
