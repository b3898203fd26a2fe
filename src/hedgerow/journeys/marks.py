"""Marks: what the journeys room concludes of each touch, kept beside the ledger with its rules' version."""

import pyarrow as pa
import pyarrow.compute as pc

from hedgerow import people
from hedgerow.journeys.conclusions.conclude import RULES_VERSION, conclude
from hedgerow.journeys.swarms import HAND, TARGET
from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT

MARKS = TableKind(
    "marks",
    pa.schema(
        [
            ("touch_id", pa.string()),
            ("tie", pa.int32()),
            ("occurred_at", INSTANT),
            ("received_at", INSTANT),
            ("actor_code", pa.int64()),
            ("verb", pa.string()),
            ("channel", pa.string()),
            ("channel_group", pa.string()),
            ("campaign", pa.string()),
            ("automaton", pa.bool_()),
            ("hand", pa.int64()),
            ("target", pa.int64()),
            ("value", pa.int64()),
            ("currency", pa.string()),
            ("rules", pa.int64()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
)
"""`tie` is made of the first 31 bits of the touch's id: touches of one instant stand in its order. `hand` and
`target` say of a click whose hand made it and where it led; see `swarms`."""

_ROWS = 1 << 18


def prepare(workspace: Workspace) -> None:
    """Make the tables that journeys and people keep, where they are missing, so that an empty ledger can be asked."""
    people.prepare(workspace)
    workspace.derived.ensure(MARKS)


def rules_of_marks(workspace: Workspace) -> str:
    """Return what marks rest on beside the touches: the version of the rules, and which sites are our own."""
    return f"rules {RULES_VERSION}, sites {' '.join(sorted(workspace.settings.workspace.sites))}"


def mark(workspace: Workspace, after: int, upto: int) -> None:
    """Conclude channel, group, campaign and automaton of the touches of the turns behind `after`."""
    prepare(workspace)
    query = (
        "SELECT touch_id, ('0x' || left(touch_id, 8))::UBIGINT // 2 AS tie, occurred_at, received_at, actor_code, "
        "verb, channel, medium, campaign, url, referrer, user_agent, value, currency, batch, turn, "
        f"{HAND} AS hand, {TARGET} AS target "
        f"FROM touches WHERE turn > {after} AND turn <= {upto}"
    )
    sites = workspace.settings.workspace.sites
    made = [_marked(pa.table(batch), sites) for batch in workspace.engine.batches(query, _ROWS)]
    rows = pa.concat_tables(made) if made else MARKS.schema.empty_table()
    workspace.derived.append("marks", rows, upto)


def _marked(touches: pa.Table, sites: tuple[str, ...]) -> pa.Table:
    concluded = conclude(touches, sites)
    rules = pa.array([RULES_VERSION]).take(pa.array([0] * len(touches)))
    known = {name: touches[name] for name in touches.column_names} | {"rules": rules}
    known |= {name: concluded[name] for name in concluded.column_names}
    fetched = pc.equal(touches["verb"], "fetch")  # a program's doing by its own account
    known["automaton"] = pc.or_(pc.fill_null(known["automaton"], False), fetched)
    return pa.table([known[name] for name in MARKS.schema.names], MARKS.schema.names).cast(MARKS.schema)
