"""Imports: a file and a map in; touches, spend or deals in the ledger, and a file of what could not be kept."""

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.collect.map import Map, wanted_columns
from hedgerow.collect.mapping import statement
from hedgerow.collect.records import Fault
from hedgerow.collect.rows import Rows, header_of, read_rows
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Touch, Turn, Workspace, Writer, writing
from hedgerow.ledger.intake.restated import DEALS, SPEND, Restated, write_restated
from hedgerow.ledger.record import BATCHES, DROPS
from hedgerow.ledger.touch import OWN, stated_schema

Progress = Callable[[int], None]
RESTATED: dict[str, Restated] = {"spend": SPEND, "deal": DEALS}
_WAIT = 600.0


@dataclass(frozen=True)
class Report:
    """What an import did: the number it can be undone by, and what became of the rows."""

    batch: int
    kept: int
    repeated: int
    dropped: int
    reasons: dict[str, int]
    rejects: Path | None


def import_file(workspace: Workspace, kind: str, file: Path, found: Map, progress: Progress = lambda _: None) -> Report:
    """Put a file's rows in the ledger as `kind` (touch, spend or deal), as one batch; returns what became of them.

    Rows that can't be kept go to a reject file and the import goes on. An import that was cut short goes on
    where it stopped when the same file is imported again with the same map; a whole one adds nothing.
    `progress` is told how many bytes more were read. Raises `HedgerowError` for a file, map or column that
    can't be used, before anything is written.
    """
    names = header_of(file, found.read) if file.is_file() else []
    wanted = [name for name in wanted_columns(found, kind)]
    columns = wanted if found.read.kind(file) == "jsonl" else names
    if not file.is_file():
        raise HedgerowError(f"There is no file {file}: name one that is there.")
    query = statement(found, kind, columns, workspace.settings.fields)
    schema = RESTATED[kind].stated if kind in RESTATED else stated_schema(workspace.settings.fields)
    batch, upto, line = _begin(workspace, kind, file, found)
    con = duckdb.connect(config={"memory_limit": "1GB"})
    con.execute("SET TimeZone = 'UTC'")
    for rows in read_rows(file, found.read, wanted, upto, line):
        stated = _stated(con, query, schema, rows)
        with writing(workspace, _WAIT) as writer:
            _write(writer, kind, batch, stated, rows)
        progress(rows.size)
    con.close()
    return _end(workspace, batch)


def undo_import(workspace: Workspace, batch: int, by: str) -> None:
    """Take an import back: write the touch that says so; the mill applies it. `by` is an identifier.

    Raises `HedgerowError` where there is no such import or it is undone already.
    """
    with workspace.record.connect() as connection:
        state = connection.scalar(sa.select(BATCHES.c.state).where(BATCHES.c.number == batch))
    if state is None:
        raise HedgerowError(f"There is no import {batch}: `hedgerow import list` shows those there are.")
    if state.startswith("und"):
        raise HedgerowError(f"Import {batch} was undone already: import the file again to have it back.")
    workspace.inbox.accept([Touch(occurred_at=clock.now(), source=OWN, verb="undo", actor=by, object=f"batch:{batch}")])


def imports(workspace: Workspace) -> list[dict[str, object]]:
    """Return every import, the newest first, with what became of its rows."""
    with workspace.record.connect() as connection:
        rows = connection.execute(sa.select(BATCHES).order_by(BATCHES.c.number.desc()))
        return [dict(row._mapping) for row in rows]


def _begin(workspace: Workspace, kind: str, file: Path, found: Map) -> tuple[int, int, int]:
    """Return the batch, and the byte and line to go on from: those of the import that was cut short, if any."""
    digest = hashlib.sha256(repr((kind, found)).encode())
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    same = sa.select(BATCHES).where(BATCHES.c.digest == digest.hexdigest(), BATCHES.c.state == "running")
    with workspace.held(_WAIT):
        Writer(workspace).close()  # settles what a crash left, before its place is asked for
        with workspace.record.begin() as connection:
            if running := connection.execute(same).first():
                return running.number, running.upto, running.line
            made = connection.execute(
                sa.insert(BATCHES).values(
                    kind=kind,
                    source=found.source,
                    file=file.name,
                    digest=digest.hexdigest(),
                    state="running",
                    upto=0,
                    line=1,
                    kept=0,
                    repeated=0,
                    dropped=0,
                    started_at=clock.microseconds(clock.now()),
                )
            )
    key = made.inserted_primary_key
    return int(key[0]) if key else 0, 0, 1


def _stated(con: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, rows: Rows) -> pa.Table:
    con.register("rows", rows.table)
    made = con.sql(query).to_arrow_table()
    faults = pa.table(
        {
            "line": pa.array([fault.line for fault in rows.faults], pa.int64()),
            "fault": pa.array([fault.reason for fault in rows.faults], pa.string()),
        }
    )
    full = pa.schema([*schema, ("line", pa.int64()), ("fault", pa.string())])
    return pa.concat_tables([_shaped(made, full), _shaped(faults, full)])


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _write(writer: Writer, kind: str, batch: int, stated: pa.Table, rows: Rows) -> None:
    unread = {fault.line: fault.text for fault in rows.faults}

    def payloads(places: Sequence[int]) -> list[str]:
        lines = stated["line"].take(pa.array(places)).to_pylist()
        read = iter(rows.text([line for line in lines if line not in unread]))
        return [unread[line] if line in unread else next(read) for line in lines]

    if kind in RESTATED:
        turn = writer.plan("import", batch, rows.upto, RESTATED[kind].table.name, rows.line)
        write_restated(writer, RESTATED[kind], turn, stated, payloads)
    else:
        turn: Turn = writer.plan("import", batch, rows.upto, "touches", rows.line)
        writer.write_touches(turn, stated, payloads)


def _end(workspace: Workspace, batch: int) -> Report:
    with workspace.record.begin() as connection:
        connection.execute(sa.update(BATCHES).where(BATCHES.c.number == batch).values(state="done"))
        row = connection.execute(sa.select(BATCHES).where(BATCHES.c.number == batch)).one()
        counted = sa.select(DROPS.c.reason, sa.func.count()).where(DROPS.c.batch == batch).group_by(DROPS.c.reason)
        reasons = {reason: int(count) for reason, count in connection.execute(counted)}
    rejects = _reject_file(workspace, batch) if reasons else None
    return Report(batch, row.kept, row.repeated, row.dropped, reasons, rejects)


def _reject_file(workspace: Workspace, batch: int) -> Path:
    file = workspace.folder / "rejects" / f"import-{batch}.csv"
    file.parent.mkdir(exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("line", "reason", "row"))
        writer.writerows(_drops(workspace, batch))
    return file


def _drops(workspace: Workspace, batch: int) -> Iterator[tuple[int, str, str]]:
    query = sa.select(DROPS.c.line, DROPS.c.reason, DROPS.c.payload).where(DROPS.c.batch == batch)
    with workspace.record.connect() as connection:
        for line, reason, payload in connection.execute(query.order_by(DROPS.c.line, DROPS.c.id)):
            yield line, reason, payload


__all__ = ["Fault", "Report", "import_file", "imports", "undo_import"]
