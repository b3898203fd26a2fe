"""The inbox: the durable front, append-only; a request is a row, committed with those that came beside it."""

import io
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import json as pajson

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger.record import INBOX, scour
from hedgerow.ledger.touch import Touch

TOUCHES, DROPS = "touch", "drop"
"""Kinds of requests that the ledger reads itself: touches, and what was dropped at the door."""

_MOST_TOGETHER = 500
_MOST_BYTES = 64 << 20
_ORDERED = 4734191


@dataclass(frozen=True)
class Request:
    """What one request brought: its kind, what came with it as JSON, and its messages; see `INBOX`."""

    kind: str
    head: str
    body: bytes
    received_at: int


class Dropped(msgspec.Struct, frozen=True):
    """What was dropped at the door: why, what it said, and the kind and head it would have had."""

    reason: str
    payload: str
    kind: str
    head: str


@dataclass(frozen=True)
class Taken:
    """Some of the inbox in order of arrival, and up to which request it reaches.

    `requests` has the columns request (int64), received_at (int64, microseconds), kind, head (strings), body (binary).
    """

    requests: pa.Table
    upto: int


@dataclass(frozen=True)
class _Waiting:
    request: Request
    done: "Future[None]"


class Inbox:
    """The inbox in a record database; threads may accept at the same time and share a transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()

    def accept(self, touches: Sequence[Touch]) -> None:
        """Return when the touches are durable, as one request; raises what the database raises, keeping nothing.

        Equal touches without a sender's id count apart within one request, and once over all requests. Raises
        `HedgerowError` for a time without a zone and for what can't be written as JSON.
        """
        if not touches:
            return
        body = b"\n".join(json_line(touch) for touch in touches)
        waiting = _Waiting(Request(TOUCHES, "", body, microseconds(now())), Future())
        self._start()
        self._waiting.put(waiting)
        waiting.done.result()

    def commit(self, requests: Sequence[Request]) -> None:
        """Return when all the requests are durable, in one transaction; raises what the database raises."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Else a number taken earlier could be committed later, behind the mill's back.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ORDERED)))
                connection.execute(_INSERT, [_row(request) for request in requests])
                return
            # Many rows a statement: between two of them the driver lets the other threads go first, milliseconds long.
            for start in range(0, len(requests), _ROWS):
                some = requests[start : start + _ROWS]
                values = [value for request in some for value in _row(request).values()]
                connection.exec_driver_sql(_insertion(len(some)), tuple(values))

    def take(self, after: int, most: int) -> Taken | None:
        """Return the requests after `after`, `most` and 64 MiB at the most, or None where there are none."""
        rows, size = [], 0
        query = sa.select(INBOX).where(INBOX.c.seq > after).order_by(INBOX.c.seq).limit(most)
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=1_000).execute(query):
                rows.append(row)
                size += len(row.body)
                if size >= _MOST_BYTES:
                    break
        if not rows:
            return None
        columns = {"request": "seq", "received_at": "received_at", "kind": "kind", "head": "head", "body": "body"}
        data = {name: [getattr(row, stands) for row in rows] for name, stands in columns.items()}
        return Taken(pa.table(data, schema=_TAKEN), rows[-1].seq)

    def last(self) -> int:
        """Return the number of the last request accepted that is still here, 0 where there is none."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.max(INBOX.c.seq))) or 0

    def size(self) -> int:
        """Return the bytes that its requests take up in an SQLite file; 0 where a server keeps them."""
        if self._engine.dialect.name != "sqlite":
            return 0
        with self._engine.connect() as connection:
            pages, free, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - free) * size)

    def remove(self, requests: Sequence[int]) -> None:
        """Remove requests that are in the lake already and name somebody who was erased, so that no page holds them."""
        if requests:
            with self._engine.begin() as connection:
                for start in range(0, len(requests), _ROWS):
                    some = list(requests[start : start + _ROWS])
                    connection.execute(sa.delete(INBOX).where(INBOX.c.seq.in_(some)))
            scour(self._engine, [INBOX.name])

    def scour(self, whole: bool = False) -> bool:
        """Leave no trace of removed requests in the database's files; see `record.scour`."""
        return scour(self._engine, [INBOX.name], whole)

    def prune(self, upto: int, before: int) -> None:
        """Remove requests that are in the lake (up to `upto`) and arrived before `before` (microseconds)."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(INBOX).where(INBOX.c.seq <= upto, INBOX.c.received_at < before))

    def close(self) -> None:
        """Commit what waits, and stop."""
        if self._writer:
            self._waiting.put(None)
            self._writer.join()
            self._writer = None
        self._engine.dispose()

    def _start(self) -> None:
        with self._starting:
            if not self._writer:
                self._writer = threading.Thread(target=self._write, name="inbox", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            together, last = [first], False
            while not self._waiting.empty() and len(together) < _MOST_TOGETHER and not last:
                item = self._waiting.get()
                together, last = ([*together, item], False) if item else (together, True)
            self._settle(together)
            if last:
                return

    def _settle(self, together: list[_Waiting]) -> None:
        try:
            self.commit([waiting.request for waiting in together])
        except (sa.exc.SQLAlchemyError, OSError) as error:
            for waiting in together:
                waiting.done.set_exception(error)
        else:
            for waiting in together:
                waiting.done.set_result(None)


_INSERT = sa.insert(INBOX)
_ROWS = 256


@cache
def _insertion(rows: int) -> str:
    """Return SQLite's statement that inserts so many rows, their values in the order of `_row`."""
    return "INSERT INTO inbox (received_at, kind, head, body) VALUES " + ", ".join(["(?, ?, ?, ?)"] * rows)


_TAKEN = pa.schema(
    [
        ("request", pa.int64()),
        ("received_at", pa.int64()),
        ("kind", pa.string()),
        ("head", pa.string()),
        ("body", pa.binary()),
    ]
)


def _row(request: Request) -> dict[str, object]:
    return {
        "received_at": request.received_at,
        "kind": request.kind,
        "head": request.head,
        "body": request.body,
    }


_encoder = msgspec.json.Encoder()


def json_line(touch: Touch) -> bytes:
    """Return a touch as a line of JSON; raises `HedgerowError` for what can't be written so."""
    if touch.occurred_at.tzinfo is None:
        raise HedgerowError("A touch says its time without a zone: give occurred_at one.")
    if touch.value is not None and not -(1 << 63) <= touch.value < 1 << 63:
        raise HedgerowError("A touch's value is beyond 64 bits: give it in minor units of its currency.")
    plain = msgspec.structs.asdict(touch)
    try:
        return _encoder.encode(plain | {"occurred_at": microseconds(touch.occurred_at), "claims": list(touch.claims)})
    except (UnicodeEncodeError, TypeError) as error:
        raise HedgerowError(f"A touch can't be written down ({error}): state text and numbers only.") from None


def json_lines(bodies: Sequence[bytes], schema: pa.Schema) -> tuple[pa.Table, pa.Array]:
    """Return the lines of all bodies as columns, and for each row which body it stood in."""
    number = np.repeat(np.arange(len(bodies)), [body.count(b"\n") + 1 for body in bodies])
    lines = b"\n".join(bodies)
    # Times travel as integers: the JSON reader takes no zone.
    reading = pa.schema([pa.field(f.name, pa.int64() if f.name == "occurred_at" else f.type) for f in schema])
    parsed = pajson.read_json(
        io.BytesIO(lines),
        read_options=pajson.ReadOptions(block_size=len(lines) + 1),
        parse_options=pajson.ParseOptions(explicit_schema=reading, unexpected_field_behavior="ignore"),
    )
    return parsed.select(schema.names).cast(schema), pa.array(number)
