"""The inbox: the durable front, append-only; a request is one row, committed with those that came beside it."""

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

from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger.record import INBOX
from hedgerow.ledger.touch import Touch

_MOST_TOGETHER = 500
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Taken:
    """Some of the inbox in order of arrival: touches in the columns of `STATED`, and up to which row."""

    rows: pa.Table
    received_at: np.ndarray
    upto: int


class Inbox:
    """The inbox in a record database; threads may accept at the same time and share a transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[tuple[bytes, Future[None]] | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()

    def accept(self, touches: Sequence[Touch]) -> None:
        """Return when the touches are durable, as one row; raises what the database raises, keeping nothing."""
        done: Future[None] = Future()
        self._start()
        self._waiting.put((b"\n".join(_encoder.encode(_plain(touch)) for touch in touches), done))
        done.result()

    def take(self, after: int, most: int, schema: pa.Schema) -> Taken | None:
        """Return the rows after `after` holding about `most` touches at the most, or None where there are none."""
        columns = sa.select(INBOX.c.seq, INBOX.c.received_at, INBOX.c.body)
        bodies, received, counts, upto = [], [], [], after
        with self._engine.connect() as connection:
            for seq, arrived, body in connection.execute(
                columns.where(INBOX.c.seq > after).order_by(INBOX.c.seq)
            ):
                bodies.append(body)
                received.append(arrived)
                counts.append(body.count(b"\n") + 1)
                upto = seq
                if sum(counts) >= most:
                    break
        if not bodies:
            return None
        rows = _parse(b"\n".join(bodies), schema)
        return Taken(rows, np.repeat(np.array(received, np.int64), counts), upto)

    def last(self) -> int:
        """Return the number of the last row accepted, 0 where there is none."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.max(INBOX.c.seq))) or 0

    def prune(self, upto: int, before: int) -> None:
        """Remove rows that are in the lake (up to `upto`) and arrived before `before` (microseconds)."""
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

    def _commit(self, together: list[tuple[bytes, "Future[None]"]]) -> None:
        arrived = microseconds(now())
        try:
            with self._engine.begin() as connection:
                rows = [{"received_at": arrived, "body": body} for body, _ in together]
                connection.execute(sa.insert(INBOX), rows)
        except sa.exc.SQLAlchemyError as error:
            for _, done in together:
                done.set_exception(error)
        else:
            for _, done in together:
                done.set_result(None)


def _plain(touch: Touch) -> dict[str, object]:
    plain = msgspec.structs.asdict(touch)
    return plain | {"occurred_at": microseconds(touch.occurred_at), "claims": list(touch.claims)}


def _parse(lines: bytes, schema: pa.Schema) -> pa.Table:
    # Times travel as integers: the JSON reader takes no zone.
    reading = pa.schema([pa.field(f.name, pa.int64() if f.name == "occurred_at" else f.type) for f in schema])
    parsed = pajson.read_json(
        io.BytesIO(lines),
        read_options=pajson.ReadOptions(block_size=len(lines) + 1),
        parse_options=pajson.ParseOptions(explicit_schema=reading, unexpected_field_behavior="ignore"),
    )
    return parsed.select(schema.names).cast(schema)
