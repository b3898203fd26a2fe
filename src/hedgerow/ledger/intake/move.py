"""The mill's first step: what waits in the inbox goes to the lake, once."""

from collections.abc import Sequence

import pyarrow as pa
import sqlalchemy as sa

from hedgerow.ledger.intake.inbox import Taken
from hedgerow.ledger.intake.writer import INBOX_BATCH, Writer
from hedgerow.ledger.record import CURSORS
from hedgerow.ledger.touch import stated_schema

MOST = 100_000


def move(writer: Writer, most: int = MOST) -> int:
    """Move all that waits in the inbox, about `most` touches a turn; returns how many touches were kept."""
    kept = 0
    schema = stated_schema(writer.workspace.settings.fields)
    while taken := writer.workspace.inbox.take(_cursor(writer), most, schema):
        turn = writer.plan("inbox", INBOX_BATCH, taken.upto)
        writer.write_touches(turn, _stated(taken), lambda places, rows=taken.rows: _payloads(rows, places))
        kept += turn.kept
    return kept


def _cursor(writer: Writer) -> int:
    query = sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")
    with writer.record.connect() as connection:
        return connection.scalar(query) or 0


def _stated(taken: Taken) -> pa.Table:
    count = len(taken.rows)
    columns = taken.rows.append_column("line", pa.array(range(count), pa.int64()))
    return columns.append_column("fault", pa.nulls(count, pa.string()))


def _payloads(rows: pa.Table, places: Sequence[int]) -> list[str]:
    return [str(row) for row in rows.take(pa.array(places)).to_pylist()]
