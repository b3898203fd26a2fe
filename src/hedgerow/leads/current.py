"""The leads as they stand: of each its state and what the charter says of it, kept at the cost of what changed.

A lead has a row for each time it was looked at, the one with the highest `number` counts; rows that no longer count
are let go when they outnumber the others.
"""

import pyarrow as pa

from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT

LEADS = TableKind(
    "leads",
    pa.schema(
        [
            ("lead", pa.int64()),
            ("identifier", pa.string()),
            ("person", pa.int64()),
            ("ceded_to", pa.int64()),
            ("step", pa.int64()),
            ("stage", pa.string()),
            ("entered_at", INSTANT),
            ("team", pa.string()),
            ("owner", pa.string()),
            ("rule", pa.string()),
            ("accepted", pa.bool_()),
            ("returned", pa.bool_()),
            ("reason", pa.string()),
            ("wake_at", INSTANT),
            ("warm", pa.bool_()),
            ("told", pa.list_(pa.string())),
            ("score", pa.decimal128(18, 4)),
            ("fit", pa.decimal128(18, 4)),
            ("engagement", pa.decimal128(18, 4)),
            ("grade", pa.string()),
            ("segment", pa.string()),
            ("track", pa.string()),
            ("account", pa.string()),
            ("country", pa.string()),
            ("asked_for_contact", pa.bool_()),
            ("clock", pa.string()),
            ("due_at", INSTANT),
            ("lapsed", pa.list_(pa.string())),
            ("audiences", pa.list_(pa.string())),
            ("meant", pa.list_(pa.string())),
            ("suppressed", pa.list_(pa.string())),
            ("next_at", pa.int64()),
            ("number", pa.int64()),
        ]
    ),
    unstated=("identifier", "reason"),
)
"""`score` and `engagement` are of when the lead was last looked at, and have passed no number that a condition compares
with since. `next_at` (microseconds) is when time alone can change the row next; a lead that gave way to another
(`ceded_to`) is in no audience, and its clocks stand still."""

LATEST = "(FROM leads QUALIFY row_number() OVER (PARTITION BY lead ORDER BY number DESC) = 1)"
"""The SQL of the row that counts of each lead."""

ACTIVE = f"(FROM {LATEST} WHERE ceded_to IS NULL)"
"""The SQL of the leads that stand for their person."""

_SPARE = 10_000


def keep(workspace: Workspace, rows: pa.Table) -> None:
    """Keep rows of `LEADS` (`number` aside) as those that count from now on."""
    if not len(rows):
        return
    number = workspace.derived.turn("leads") + 1
    column = pa.array([number], pa.int64()).take(pa.array([0] * len(rows)))
    kept = rows.append_column("number", column).select(LEADS.schema.names).cast(LEADS.schema)
    workspace.derived.append("leads", kept, number)
    count = workspace.engine.sql("SELECT count(*) AS rows, count(DISTINCT lead) AS leads FROM leads").to_pylist()[0]
    if count["rows"] > 2 * count["leads"] + _SPARE:
        latest = workspace.engine.sql(f"FROM {LATEST} ORDER BY lead").cast(LEADS.schema)
        workspace.derived.replace("leads", latest, number + 1)
