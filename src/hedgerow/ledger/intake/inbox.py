"""The inbox: the durable front, append-only; a request is a row, committed with those that came beside it."""

import io
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import json as pajson

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger.record import INBOX
from hedgerow.ledger.touch import INSTANT, Touch

_MOST_TOGETHER = 500
_ORDERED = 4734191
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Taken:
    """Some of the inbox in order of arrival, and up to which request it reaches.

    `rows` has the columns of `STATED` and the custom fields, `request` (int64) and `received_at`.
    """

    rows: pa.Table
    upto: int


@dataclass(frozen=True)
class _Request:
    received_at: int
    body: bytes
    done: "Future[None]"


class Inbox:
    """The inbox in a record database; threads may accept at the same time and share a transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Request | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()

    def accept(self, touches: Sequence[Touch]) -> None:
        """Return when the touches are durable, as one request; raises what the database raises, keeping nothing.

        Equal touches without a sender's id count apart within one request, and once over all requests. Raises
        `HedgerowError` for a time without a zone and for what can't be written as JSON.
        """
        if not touches:
            return
        done: Future[None] = Future()
        body = b"\n".join(_line(touch) for touch in touches)
        self._start()
        self._waiting.put(_Request(microseconds(now()), body, done))
        done.result()

    def take(self, after: int, most: int, schema: pa.Schema) -> Taken | None:
        """Return the requests after `after` holding about `most` touches, or None where there are none."""
        columns = sa.select(INBOX.c.seq, INBOX.c.received_at, INBOX.c.body).where(INBOX.c.seq > after)
        bodies, counts, seqs, received, total = [], [], [], [], 0
        with self._engine.connect() as connection:
            for seq, arrived, body in connection.execute(columns.order_by(INBOX.c.seq).limit(most)):
                bodies.append(body)
                seqs.append(seq)
                received.append(arrived)
                counts.append(body.count(b"\n") + 1)
                total += counts[-1]
                if total >= most:
                    break
        if not bodies:
            return None
        rows = _parse(b"\n".join(bodies), schema)
        rows = rows.append_column("request", pa.array(np.repeat(np.array(seqs, np.int64), counts)))
        arrivals = np.repeat(np.array(received, np.int64), counts)
        return Taken(rows.append_column("received_at", pa.array(arrivals).cast(INSTANT)), seqs[-1])

    def last(self) -> int:
        """Return the number of the last request accepted that is still here, 0 where there is none."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.max(INBOX.c.seq))) or 0

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
            self._commit(together)
            if last:
                return

    def _commit(self, together: list["_Request"]) -> None:
        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    # Else a number taken earlier could be committed later, behind the mill's back.
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ORDERED)))
                rows = [{"received_at": request.received_at, "body": request.body} for request in together]
                connection.execute(sa.insert(INBOX), rows)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            for request in together:
                request.done.set_exception(error)
        else:
            for request in together:
                request.done.set_result(None)


def _line(touch: Touch) -> bytes:
    if touch.occurred_at.tzinfo is None:
        raise HedgerowError("A touch says its time without a zone: give occurred_at one.")
    if touch.value is not None and not -(1 << 63) <= touch.value < 1 << 63:
        raise HedgerowError("A touch's value is beyond 64 bits: give it in minor units of its currency.")
    plain = msgspec.structs.asdict(touch)
    try:
        return _encoder.encode(plain | {"occurred_at": microseconds(touch.occurred_at), "claims": list(touch.claims)})
    except (UnicodeEncodeError, TypeError) as error:
        raise HedgerowError(f"A touch can't be written down ({error}): state text and numbers only.") from None


def _parse(lines: bytes, schema: pa.Schema) -> pa.Table:
    # Times travel as integers: the JSON reader takes no zone.
    reading = pa.schema([pa.field(f.name, pa.int64() if f.name == "occurred_at" else f.type) for f in schema])
    parsed = pajson.read_json(
        io.BytesIO(lines),
        read_options=pajson.ReadOptions(block_size=len(lines) + 1),
        parse_options=pajson.ParseOptions(explicit_schema=reading, unexpected_field_behavior="ignore"),
    )
    return parsed.select(schema.names).cast(schema)
