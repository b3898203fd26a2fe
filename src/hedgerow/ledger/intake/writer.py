"""The writer: one turn of writing, planned first, then put in the lake exactly once."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit import clock
from hedgerow.kit.index import Entries, Gap, Index
from hedgerow.ledger.intake.arrival import Arrival
from hedgerow.ledger.intake.memory import no_entries, remembered, shared_rows
from hedgerow.ledger.record import BATCHES, CURSORS, DROPS, MASKS, TURNS
from hedgerow.ledger.touch import stated_schema

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

Payloads = Callable[[Sequence[int]], list[str]]
INBOX_BATCH = 0


@dataclass
class Turn:
    """A write as it is planned: its number, what it reads up to, and, once known, what comes of it."""

    number: int
    kind: str
    batch: int
    upto: int
    table: str = "touches"
    line: int = 0
    kept: int = 0
    repeated: int = 0
    dropped: int = 0
    undone: list[int] = field(default_factory=list)
    received_at: int = 0


class Writer:
    """Writes turns to a workspace whose mill the caller holds; get one with `writing`."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.record = workspace.record
        self._recover()
        self.last = self._last()
        folder = workspace.folder / "index"
        self.ids = self._open_index("ids")
        self.codes = self._open_index("codes")
        self.con = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(folder / "spill")})
        self.con.execute("SET TimeZone = 'UTC'")
        self.restore()

    def plan(self, kind: str, batch: int, upto: int, table: str = "touches", line: int = 0) -> Turn:
        """Record the boundaries of the next turn and return it."""
        received = clock.microseconds(clock.now())
        turn = Turn(self.last + 1, kind, batch, upto, table, line, received_at=received)
        with self.record.begin() as connection:
            connection.execute(sa.insert(TURNS).values(**_row(turn), state="planned"))
        self.last = turn.number
        return turn

    def write_touches(self, turn: Turn, stated: pa.Table, payloads: Payloads) -> None:
        """Put the touches of a planned turn in the lake, with what repeats or can't be kept said.

        `stated` has the columns of `STATED` and the custom fields, `line` (int64) and `fault` (a reason to
        drop the row that was found before, or null); `payloads` returns the rows at some places as text.
        """
        schema = stated_schema(self.workspace.settings.fields)
        arrival = Arrival(self.con, self.ids, self.codes, turn.batch, self.masked())
        sorted_out = arrival.sort_out(stated, schema)
        turn.kept, turn.repeated, turn.undone = sorted_out.kept, sorted_out.repeated, sorted_out.undone
        self.settle(turn, sorted_out.drops, payloads)
        rows, fresh = arrival.rows(schema, turn.number, turn.received_at)
        if len(sorted_out.restated):
            said = sorted_out.restated.append_column("turn", pa.array(np.full(turn.repeated, turn.number)))
            self.workspace.lake.append("repeats", said, turn.number)
        self.commit(turn, rows, sorted_out.assertions, fresh)
        self.restore()

    def commit(self, turn: Turn, rows: pa.Table, ids: Entries, codes: Entries) -> None:
        """Put rows in the turn's table and what the indexes must know beside them; then it is done."""
        self.ids.write(turn.number, ids)
        self.codes.write(turn.number, codes)
        self.workspace.lake.append(turn.table, rows, turn.number)
        self.finish(turn)
        self.ids.merge()
        self.codes.merge()

    def restore(self) -> None:
        """Give what an undone import shared with another one to that other one, whose it now is."""
        with self.record.connect() as connection:
            undoing = connection.scalars(
                sa.select(BATCHES.c.number).where(BATCHES.c.state == "undoing")
            ).all()
        for batch in undoing:
            turn = self.plan("restore", batch, 0)
            rows = shared_rows(self.workspace, batch, turn.number, self.masked())
            turn.kept = len(rows)
            self.commit(turn, rows, no_entries(), no_entries())

    def settle(self, turn: Turn, drops: pa.Table, payloads: Payloads) -> None:
        """Keep the drops of a turn and what will come of it, before it is committed to the lake."""
        places, lines = drops["place"].to_pylist(), drops["line"].to_pylist()
        reasons = drops["fault"].to_pylist()
        turn.dropped = len(places)
        rows = [
            {"turn": turn.number, "batch": turn.batch, "line": line, "reason": reason, "payload": payload}
            for line, reason, payload in zip(lines, reasons, payloads(places) if places else [], strict=True)
        ]
        with self.record.begin() as connection:
            if rows:
                connection.execute(sa.insert(DROPS), rows)
            connection.execute(sa.update(TURNS).where(TURNS.c.number == turn.number).values(**_row(turn)))

    def finish(self, turn: Turn) -> None:
        """Mark a turn that is in the lake as done: move its cursor or its import on, mask what it undoes."""
        with self.record.begin() as connection:
            _finish(connection, turn)

    def masked(self) -> np.ndarray:
        """Return the numbers of the imports that were undone."""
        with self.record.connect() as connection:
            return np.array(sorted(connection.scalars(sa.select(MASKS.c.batch))), np.int64)

    def close(self) -> None:
        """Let go of the working database."""
        self.con.close()

    def _last(self) -> int:
        with self.record.connect() as connection:
            return connection.scalar(sa.select(sa.func.max(TURNS.c.number))) or 0

    def _recover(self) -> None:
        """Finish or void what a crash left planned: a turn counts if, and only if, its table has it."""
        with self.record.begin() as connection:
            for row in connection.execute(sa.select(TURNS).where(TURNS.c.state == "planned")).all():
                turn = Turn(**json.loads(row.outcome))
                if self.workspace.lake.turn(turn.table) >= turn.number:
                    _finish(connection, turn)
                else:
                    connection.execute(sa.delete(DROPS).where(DROPS.c.turn == turn.number))
                    connection.execute(
                        sa.update(TURNS).where(TURNS.c.number == turn.number).values(state="void")
                    )

    def _open_index(self, name: str) -> Index:
        folder = self.workspace.folder / "index" / name
        with self.record.connect() as connection:
            voided = set(connection.scalars(sa.select(TURNS.c.number).where(TURNS.c.state == "void")))
        done = self.last
        while done in voided:
            done -= 1
        try:
            index = Index(folder, done)
        except Gap:
            index = Index.made(folder, done, remembered(self.workspace, name))
        for number in range(done + 1, self.last + 1):
            index.write(number, no_entries())
        return index


@contextmanager
def writing(workspace: "Workspace", wait: float = 10.0) -> Iterator[Writer]:
    """Hold the mill and hand out a writer, whatever a crash left behind being put right first."""
    with workspace.held(wait):
        writer = Writer(workspace)
        try:
            yield writer
        finally:
            writer.close()


def _row(turn: Turn) -> dict[str, object]:
    return {
        "number": turn.number,
        "kind": turn.kind,
        "batch": turn.batch,
        "upto": turn.upto,
        "outcome": json.dumps(asdict(turn)),
    }


def _finish(connection: sa.Connection, turn: Turn) -> None:
    connection.execute(
        sa.update(TURNS).where(TURNS.c.number == turn.number).values(state="done", **_row(turn))
    )
    if turn.kind == "inbox":
        advance(connection, "inbox", turn.upto)
    elif turn.kind == "import":
        connection.execute(
            sa.update(BATCHES)
            .where(BATCHES.c.number == turn.batch)
            .values(
                upto=turn.upto,
                line=turn.line,
                kept=BATCHES.c.kept + turn.kept,
                repeated=BATCHES.c.repeated + turn.repeated,
                dropped=BATCHES.c.dropped + turn.dropped,
            )
        )
    for batch in turn.undone:
        has = connection.scalar(sa.select(MASKS.c.batch).where(MASKS.c.batch == batch))
        if has is None:
            connection.execute(sa.insert(MASKS).values(batch=batch, received_at=turn.received_at))
        connection.execute(sa.update(BATCHES).where(BATCHES.c.number == batch).values(state="undoing"))
    if turn.kind == "restore":
        connection.execute(sa.update(BATCHES).where(BATCHES.c.number == turn.batch).values(state="undone"))


def advance(connection: sa.Connection, step: str, turn: int) -> None:
    """Set the cursor of `step` to `turn`."""
    changed = connection.execute(sa.update(CURSORS).where(CURSORS.c.step == step).values(turn=turn))
    if not changed.rowcount:
        connection.execute(sa.insert(CURSORS).values(step=step, turn=turn))
