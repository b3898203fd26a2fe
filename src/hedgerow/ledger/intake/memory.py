"""What the indexes remember, read again from the lake; and what imports share."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit.index import Entries
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.intake import identity
from hedgerow.ledger.intake.turn import voided
from hedgerow.ledger.record import MASKS, TURNS
from hedgerow.ledger.touch import KEPT, STATED

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace


def remembered(workspace: "Workspace", index: str) -> Iterator[Entries]:
    """Yield all entries of the index of `ids` or `codes`, from the lake, undone imports included."""
    with closing(_everything(workspace)) as engine:
        for batch in engine.batches(_ids(workspace) if index == "ids" else _CODES):
            high, low, value, owner = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
            yield Entries(high, low, value.view(np.int64), owner.astype(np.int64))


def shared_rows(workspace: "Workspace", table: str, batch: int, turn: int) -> pa.Table:
    """Return the rows of an undone import that one still in force said too, as that one's rows.

    They are received when the undoing was, so that a day before it shows them once. A row of spend or deals
    stands in the order of statements where its new import said it (`stated`).
    """
    live = f"kind = '{table}' AND {_live(workspace)}"
    heirs = f"SELECT said, min(batch) AS heir, min_by(turn, batch) AS heard FROM repeats WHERE {live} GROUP BY said"
    with workspace.record.connect() as connection:
        undone = connection.scalar(sa.select(MASKS.c.received_at).where(MASKS.c.batch == batch))
    replaced = {"batch": "heir", "turn": f"{turn}::BIGINT", "received_at": f"make_timestamptz({undone})"}
    if table != "touches":
        replaced["stated"] = "heard"
    listed = ", ".join(f"{sql} AS {name}" for name, sql in replaced.items())
    said = SAID[table]
    with closing(_everything(workspace)) as engine:
        rows = engine.sql(
            f"SELECT history.* REPLACE ({listed}) FROM {HISTORY[table]} history JOIN ({heirs}) heirs "
            f"ON heirs.said = {said} WHERE batch = {batch} QUALIFY row_number() OVER (PARTITION BY {said}) = 1"
        )
    columns = workspace.lake.columns(table)
    return rows.select(columns.names).cast(columns)


HISTORY = {"touches": "touches", "spend": "spend_history", "deals": "deals_history"}
"""The view that holds every row of a table, superseded ones too."""

_ROW = "substr(sha256(row_id || content), 1, 32)"
SAID = {"touches": "touch_id", "spend": _ROW, "deals": _ROW}
"""What `repeats` calls a row of each table."""


def statements_of(workspace: "Workspace", table: str, batch: int) -> str:
    """Return the SQL for what one import said that was in the table already."""
    return f"SELECT said FROM repeats WHERE kind = '{table}' AND batch = {batch} AND {_true(workspace)}"


def _everything(workspace: "Workspace") -> Engine:
    return Engine(workspace.lake, workspace.derived, workspace.record, masking=False)


def _true(workspace: "Workspace") -> str:
    """Return the SQL for statements that count: a crash may have left some of a turn that was voided."""
    return f"turn NOT IN ({', '.join(map(str, [*sorted(voided(workspace.record)), -1]))})"


def _live(workspace: "Workspace") -> str:
    with workspace.record.connect() as connection:
        masked = sorted(connection.scalars(sa.select(MASKS.c.batch)))
    return f"batch NOT IN ({', '.join(map(str, [*masked, -1]))}) AND {_true(workspace)}"


def _ids(workspace: "Workspace") -> str:
    custom = sorted(set(workspace.lake.columns("touches").names) - set(KEPT.names))
    fields = {field.name: field for field in workspace.lake.columns("touches")}
    content = identity.content_of(pa.schema([*STATED, *(fields[name] for name in custom)]))
    redacted = "touch_id IN (SELECT said FROM redactions)"
    value = f"CASE WHEN {redacted} THEN 0::UBIGINT ELSE ('0x' || substr({content}, 1, 16))::UBIGINT END AS value"
    said = f"SELECT said, batch FROM repeats WHERE kind = 'touches' AND {_true(workspace)}"
    first = f"SELECT touch_id, {value}, batch FROM touches WHERE turn NOT IN ({_restores(workspace)})"
    again = f"SELECT DISTINCT touch_id, {value}, s.batch FROM ({said}) s JOIN touches ON touch_id = said"
    return f"SELECT {identity.HALVES.format('touch_id')}, value, batch FROM ({first} UNION ALL {again})"


def _restores(workspace: "Workspace") -> str:
    # A restored row is its import's by what `repeats` says already.
    with workspace.record.connect() as connection:
        turns = connection.scalars(sa.select(TURNS.c.number).where(TURNS.c.kind == "restore"))
        return ", ".join(map(str, [*turns, -1]))


_CODES = (
    f"SELECT {identity.HALVES.format('sha256(identifier)')}, code, 0 AS owner FROM ("
    "SELECT DISTINCT identifier, code FROM ("
    "SELECT actor AS identifier, actor_code AS code FROM touches "
    "UNION ALL SELECT account, account_code FROM touches WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(claims), unnest(claim_codes) FROM touches "
    "UNION ALL SELECT account, account_code FROM deals_history WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(people), unnest(people_codes) FROM deals_history))"
)
