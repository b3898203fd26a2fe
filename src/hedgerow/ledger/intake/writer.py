"""The writer: one turn of writing, planned first, then put in the lake exactly once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit import clock
from hedgerow.kit.index import Entries, Gap, Index, no_entries
from hedgerow.ledger.erasure.erasing import resume
from hedgerow.ledger.erasure.stopping import naming
from hedgerow.ledger.erasure.tables import REDACTIONS
from hedgerow.ledger.erasure.tombstones import tombstones
from hedgerow.ledger.intake.arrival import Arrival
from hedgerow.ledger.intake.memory import remembered, shared_rows
from hedgerow.ledger.intake.turn import TABLES, Turn, advance, finish, latest, planned, row_of, voided
from hedgerow.ledger.record import BATCHES, DROPS, MASKS, TURNS
from hedgerow.ledger.touch import REPEATS, stated_schema

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

__all__ = ["INBOX_BATCH", "Payload", "Payloads", "Turn", "Writer", "advance", "writing"]


@dataclass(frozen=True)
class Payload:
    """What a dropped row said, with the kind and head of the request it came in (see `INBOX`)."""

    text: str
    kind: str = "row"
    head: str = ""


Payloads = Callable[[Sequence[int]], list[Payload]]
INBOX_BATCH = 0
_NONE = np.zeros(0, np.int64)


class Writer:
    """Writes turns to a workspace whose mill the caller holds; get one with `writing`."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.record = workspace.record
        self._recover()
        resume(workspace)
        self.tombstones = tombstones(workspace)
        self.last = latest(self.record)
        self._voided = voided(self.record)
        self.ids = self._open_index("ids")
        self.codes = self._open_index("codes")
        self.restore()

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The working database of the writer's turns."""
        spill = str(self.workspace.folder / "index" / "spill")
        con = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": spill})
        con.execute("SET TimeZone = 'UTC'")
        return con

    def plan(self, kind: str, batch: int, upto: int, table: str = "touches", line: int = 0) -> Turn:
        """Record the boundaries of the next turn and return it; each is received later than the one before."""
        received = max(clock.microseconds(clock.now()), self.last.received_at + 1)
        turn = Turn(self.last.number + 1, kind, batch, upto, table, line, received_at=received)
        with self.record.begin() as connection:
            connection.execute(sa.insert(TURNS).values(**row_of(turn), state="planned"))
        self.last = turn
        return turn

    def write_touches(self, turn: Turn, stated: pa.Table, payloads: Payloads) -> None:
        """Put the touches of a planned turn in the lake, with what repeats or can't be kept said.

        `stated` has the columns of `STATED` and the custom fields, `line` (int64) and `fault` (a reason to
        drop the row that was found before, or null), and from the inbox `request` and `received_at`;
        `payloads` returns the rows at some places as text.
        """
        schema = stated_schema(self.workspace.settings.fields)
        inbox = turn.batch == INBOX_BATCH
        arrival = Arrival(self.con, self.ids, self.codes, turn.batch, self.masked(), self.tombstones, requests=inbox)
        sorted_out = arrival.sort_out(stated, schema)
        turn.kept, turn.repeated, turn.undone = sorted_out.kept, sorted_out.repeated, sorted_out.undone
        if inbox:
            turn.stopped = stated["request"].take(pa.array(sorted_out.named)).unique().to_pylist()
        self.settle(turn, sorted_out.drops, payloads, sorted_out.named)
        rows, fresh = arrival.rows(schema, turn.number, turn.received_at)
        self.repeat(turn, sorted_out.restated)
        self.redact(turn, sorted_out.redacted)
        self.commit(turn, rows, sorted_out.assertions, fresh)
        self.restore()

    def settle(self, turn: Turn, drops: pa.Table, payloads: Payloads, named: np.ndarray = _NONE) -> None:
        """Keep the drops of a turn and what will come of it, before it is committed to the lake.

        Those of the rows at the places `named`, or that name an erased person otherwise, are kept without payload.
        """
        places, lines = drops["place"].to_pylist(), drops["line"].to_pylist()
        reasons = drops["fault"].to_pylist()
        turn.dropped = len(places)
        kept = self._kept(turn, places, lines, payloads, named)
        rows = [
            {"turn": turn.number, "batch": turn.batch, "line": line, "reason": reason, "dropped_at": turn.received_at}
            | {"payload": _text(payload.text), "kind": payload.kind, "head": payload.head}
            for line, reason, payload in zip(lines, reasons, kept, strict=True)
        ]
        with self.record.begin() as connection:
            if rows:
                connection.execute(sa.insert(DROPS), rows)
            connection.execute(sa.update(TURNS).where(TURNS.c.number == turn.number).values(**row_of(turn)))

    def _kept(
        self, turn: Turn, places: list[int], lines: list[int], payloads: Payloads, named: np.ndarray
    ) -> list[Payload]:
        kept = payloads(places) if places else []
        if not self.tombstones or not kept:
            return kept
        gone = set(named.tolist())
        silent = naming(self.con, self.tombstones, [f"{payload.text} {payload.head}" for payload in kept])
        silent |= {at for at, place in enumerate(places) if place in gone}
        if turn.batch == INBOX_BATCH:
            turn.stopped = sorted({*turn.stopped, *(lines[at] for at in silent)})
        return [Payload("") if at in silent else payload for at, payload in enumerate(kept)]

    def redact(self, turn: Turn, said: list[str]) -> None:
        """Write down which touches of the turn an erased person was taken out of, before it is committed."""
        if said:
            table = pa.table({"said": said, "turn": [turn.number] * len(said)}, schema=REDACTIONS.schema)
            self.workspace.lake.append("redactions", table, turn.number)

    def repeat(self, turn: Turn, said: list[str]) -> None:
        """Write down that the turn's import said what is in the ledger already, before the turn is committed."""
        if said:
            columns = {"kind": [turn.table] * len(said), "said": said}
            numbers = {"batch": [turn.batch] * len(said), "turn": [turn.number] * len(said)}
            table = pa.table(columns | numbers, schema=REPEATS.schema)
            self.workspace.lake.append("repeats", table, turn.number)

    def commit(self, turn: Turn, rows: pa.Table, ids: Entries, codes: Entries) -> None:
        """Put rows in the turn's table and what the indexes must know beside them; then it is done."""
        self.ids.write(turn.number, ids)
        self.codes.write(turn.number, codes)
        self.workspace.lake.append(turn.table, rows, turn.number)
        with self.record.begin() as connection:
            finish(connection, turn)
        self.workspace.inbox.remove(turn.stopped)
        self.ids.merge()
        self.codes.merge()

    def restore(self) -> None:
        """Give what an undone import shared with another one to that other one, whose it now is."""
        undoing = sa.select(BATCHES.c.number, BATCHES.c.kind).where(BATCHES.c.state == "undoing")
        with self.record.connect() as connection:
            imports = connection.execute(undoing.order_by(BATCHES.c.number)).all()
        for batch, kind in imports:
            turn = self.plan("restore", batch, 0, TABLES[kind])
            rows = shared_rows(self.workspace, turn.table, batch, turn.number)
            turn.kept = len(rows)
            self.commit(turn, rows, no_entries(), no_entries())

    def masked(self) -> np.ndarray:
        """Return the numbers of the imports that were undone."""
        with self.record.connect() as connection:
            return np.array(sorted(connection.scalars(sa.select(MASKS.c.batch))), np.int64)

    def close(self) -> None:
        """Let go of the working database."""
        if "con" in self.__dict__:
            self.con.close()

    def _recover(self) -> None:
        """Finish or void what a crash left planned: a turn counts if, and only if, its table has it."""
        stopped: list[int] = []
        for turn in planned(self.record):
            if turn.kind == "forget":
                continue  # which is not voided but gone on with
            there = self.workspace.lake.turn(turn.table) >= turn.number
            with self.record.begin() as connection:
                if there:
                    finish(connection, turn)
                    stopped += turn.stopped
                else:
                    connection.execute(sa.delete(DROPS).where(DROPS.c.turn == turn.number))
                    void = sa.update(TURNS).where(TURNS.c.number == turn.number)
                    connection.execute(void.values(state="void"))
        self.workspace.inbox.remove(stopped)

    def _open_index(self, name: str) -> Index:
        folder, last = self.workspace.folder / "index" / name, self.last.number
        done = last
        while done in self._voided:
            done -= 1
        try:
            index = Index(folder, done)
        except Gap:
            index = Index.made(folder, done, remembered(self.workspace, name))
        for number in range(done + 1, last + 1):
            index.write(number, no_entries())
        return index


def _text(payload: str) -> str:
    return payload.replace("\0", "\ufffd")  # PostgreSQL has no NUL in its text


@contextmanager
def writing(workspace: "Workspace", wait: float = 10.0) -> Iterator[Writer]:
    """Hold the mill and hand out a writer, whatever a crash left behind being put right first."""
    with workspace.held(wait):
        writer = Writer(workspace)
        try:
            yield writer
        finally:
            writer.close()
