"""The mill's first step: what waits in the inbox goes to the lake, once."""

from collections.abc import Sequence
from functools import partial

import msgspec
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
        writer.write_touches(turn, _stated(taken), partial(_payloads, taken.rows))
        kept += turn.kept
    return kept


def _cursor(writer: Writer) -> int:
    query = sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")
    with writer.record.connect() as connection:
        return connection.scalar(query) or 0


def _stated(taken: Taken) -> pa.Table:
    columns = taken.rows.append_column("line", taken.rows["request"])
    return columns.append_column("fault", pa.nulls(len(columns), pa.string()))


def _payloads(rows: pa.Table, places: Sequence[int]) -> list[str]:
    taken = rows.take(pa.array(places, pa.int64())).to_pylist()
    return [msgspec.json.encode({k: v for k, v in row.items() if v is not None}).decode() for row in taken]
