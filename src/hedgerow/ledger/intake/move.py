"""The mill's first step: what waits in the inbox goes to the lake, once, whatever kind of message it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hedgerow.ledger.intake.inbox import DROPS, TOUCHES, Dropped, Taken, json_lines
from hedgerow.ledger.intake.writer import INBOX_BATCH, Payload, Writer
from hedgerow.ledger.record import CURSORS
from hedgerow.ledger.touch import INSTANT, stated_schema

MOST = 100_000
"""Requests taken together, about."""


@dataclass(frozen=True)
class Read:
    """What was read of some requests: touches as stated, and what each stood as when it came.

    `stated` has the columns of `stated_schema`, `request` (int64) and `fault` (a reason to drop it, or null);
    `payload` is a column of as many rows, the message a touch was read from.
    """

    stated: pa.Table
    payload: pa.ChunkedArray


Reader = Callable[[pa.Table], Read]
"""Reads requests of one kind: a table as in `Taken`."""

Readers = Callable[[str], Reader | None]
"""Returns what reads requests of a kind that is not the ledger's own, or None where nothing does."""


def move(writer: Writer, readers: Readers = lambda _: None, most: int = MOST) -> int:
    """Move all that waits in the inbox, about `most` requests a turn; returns how many touches were kept.

    What arrives meanwhile waits for the next time: it might never end.
    """
    kept, last = 0, writer.workspace.inbox.last()
    while (after := _cursor(writer)) < last and (taken := writer.workspace.inbox.take(after, most)):
        turn = writer.plan("inbox", INBOX_BATCH, taken.upto)
        stated, payloads = read(taken, stated_schema(writer.workspace.settings.fields), readers)
        writer.write_touches(turn, stated, payloads)
        kept += turn.kept
    return kept


def _cursor(writer: Writer) -> int:
    query = sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")
    with writer.record.connect() as connection:
        return connection.scalar(query) or 0


def read(
    taken: Taken, schema: pa.Schema, readers: Readers
) -> tuple[pa.Table, Callable[[Sequence[int]], list[Payload]]]:
    """Return requests as stated touches (see `Writer.write_touches`), and what says how rows of them stood."""
    known: dict[str, Reader] = {TOUCHES: lambda part: _touches(part, schema), DROPS: lambda part: _drops(part, schema)}
    reads, kinds = [], []
    for kind in pc.unique(taken.requests["kind"]).to_pylist():
        part = taken.requests.filter(pc.equal(taken.requests["kind"], kind))
        reader = known.get(kind) or readers(kind)
        reads.append(reader(part) if reader else unread(part, schema, f"nothing here reads {kind}"))
        kinds += [kind] * len(reads[-1].stated)
    stated = pa.concat_tables([_with_arrival(read.stated, taken) for read in reads])
    payload = pa.chunked_array([chunk for read in reads for chunk in read.payload.chunks], pa.string())
    heads = dict(zip(taken.requests["request"].to_pylist(), taken.requests["head"].to_pylist(), strict=True))

    def payloads(places: Sequence[int]) -> list[Payload]:
        chosen = pa.array(places, pa.int64())
        texts, requests = payload.take(chosen).to_pylist(), stated["request"].take(chosen).to_pylist()
        found = zip(places, texts, requests, strict=True)
        return [_as_it_came(kinds[place], heads[request], text) for place, text, request in found]

    return stated, payloads


def _with_arrival(stated: pa.Table, taken: Taken) -> pa.Table:
    place = pc.index_in(stated["request"], value_set=taken.requests["request"])
    arrived = taken.requests["received_at"].take(place).cast(INSTANT)
    return stated.append_column("received_at", arrived).append_column("line", stated["request"])


def _as_it_came(kind: str, head: str, text: str) -> Payload:
    if kind != DROPS:
        return Payload(text, kind, head)
    dropped = msgspec.json.decode(text, type=Dropped)
    return Payload(dropped.payload, dropped.kind, dropped.head)


def _touches(requests: pa.Table, schema: pa.Schema) -> Read:
    rows, number = json_lines(requests["body"].to_pylist(), schema)
    stated = rows.append_column("request", requests["request"].take(number))
    return Read(stated.append_column("fault", pa.nulls(len(stated), pa.string())), _as_lines(requests))


def _drops(requests: pa.Table, schema: pa.Schema) -> Read:
    lines = _as_lines(requests)
    faults = [msgspec.json.decode(line, type=Dropped).reason for line in lines.to_pylist()]
    counts = pa.array([body.count(b"\n") + 1 for body in requests["body"].to_pylist()])
    number = pa.array(np.repeat(np.arange(len(requests)), counts.to_numpy()))
    nothing = pa.table([pa.nulls(len(faults), field.type) for field in schema], schema=schema)
    stated = nothing.append_column("request", requests["request"].take(number))
    return Read(stated.append_column("fault", pa.array(faults, pa.string())), lines)


def unread(requests: pa.Table, schema: pa.Schema, reason: str) -> Read:
    """Return the requests as a drop each, with a reason, so that what can't be read now can be tried again."""
    nothing = pa.table([pa.nulls(len(requests), field.type) for field in schema], schema=schema)
    stated = nothing.append_column("request", requests["request"])
    fault = pa.array([reason] * len(requests), pa.string())
    bodies = [body.decode("utf-8", "replace") for body in requests["body"].to_pylist()]
    return Read(stated.append_column("fault", fault), pa.chunked_array([pa.array(bodies, pa.string())]))


def _as_lines(requests: pa.Table) -> pa.ChunkedArray:
    texts = [line.decode() for body in requests["body"].to_pylist() for line in body.split(b"\n")]
    return pa.chunked_array([pa.array(texts, pa.string())])
