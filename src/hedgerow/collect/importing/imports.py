"""Imports: a file and a map in; touches, spend or deals in the ledger, and a file of what could not be kept."""

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.collect.importing.formats.rows import Rows, header_of, read_rows
from hedgerow.collect.importing.formats.texts import LINE
from hedgerow.collect.map import Map, wanted_columns
from hedgerow.collect.mapping import statement
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Touch, Workspace, Writer, tidy, writing
from hedgerow.ledger.intake.restated import DEALS, SPEND, Restated, write_restated
from hedgerow.ledger.intake.writer import Payload
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


@dataclass
class _Import:
    """An import under way: its batch, and the byte and line that its rows are read up to."""

    batch: int
    kind: str
    upto: int
    line: int


def import_file(workspace: Workspace, kind: str, file: Path, found: Map, progress: Progress = lambda _: None) -> Report:
    """Put a file's rows in the ledger as `kind` (touch, spend or deal), as one batch; say what became of them.

    Rows that can't be kept go to a reject file and the import goes on. An import that was cut short goes on
    where it stopped when the same file is imported again with the same map; a whole one adds nothing.
    `progress` is told how many bytes more were read. Raises `HedgerowError` for a file, map or column that
    can't be used, before anything is written.
    """
    wanted = wanted_columns(found, kind)
    names = header_of(file, found.read)
    columns = wanted if found.read.kind(file) == "jsonl" else names
    query = statement(found, kind, columns, workspace.settings.fields)
    schema = RESTATED[kind].stated if kind in RESTATED else stated_schema(workspace.settings.fields)
    with closing(duckdb.connect(config={"memory_limit": "1GB"})) as con:
        con.execute("SET TimeZone = 'UTC'")
        nothing = pa.schema([*((name, pa.string()) for name in columns), (LINE, pa.int64())]).empty_table()
        _stated(con, query, schema, nothing)
        running = _begin(workspace, kind, file, found)
        for rows in read_rows(file, found.read, wanted, running.upto, running.line):
            stated = _with_faults(_stated(con, query, schema, rows.table), rows)
            with writing(workspace, _WAIT) as writer:
                _write(writer, running, stated, rows)
            progress(rows.upto - running.upto)
            running.upto, running.line = rows.upto, rows.line
    tidy(workspace)
    return _end(workspace, running.batch)


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


def _begin(workspace: Workspace, kind: str, file: Path, found: Map) -> _Import:
    """Return the import to go on with: the same one that was cut short, if any, or else a new one."""
    digest = hashlib.sha256(repr((kind, found)).encode())
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    same = sa.select(BATCHES).where(BATCHES.c.digest == digest.hexdigest(), BATCHES.c.state == "running")
    new = {"kind": kind, "source": found.source, "file": file.name, "digest": digest.hexdigest()}
    counts = {"upto": 0, "line": 1, "kept": 0, "repeated": 0, "dropped": 0}
    with workspace.held(_WAIT):
        Writer(workspace).close()  # settles what a crash left, before its place is asked for
        with workspace.record.begin() as connection:
            if running := connection.execute(same).first():
                return _Import(running.number, kind, running.upto, running.line)
            started = {"state": "running", "started_at": clock.microseconds(clock.now())}
            made = connection.execute(sa.insert(BATCHES).values(**new, **counts, **started))
    key = made.inserted_primary_key
    return _Import(int(key[0]) if key else 0, kind, 0, 1)


def _stated(con: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, rows: pa.Table) -> pa.Table:
    """Return what the map makes of rows; raises `HedgerowError` where it computes what can't be computed."""
    con.register("rows", rows)
    try:
        made = con.sql(query).to_arrow_table()
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise HedgerowError(f"The map computes what can't be computed ({said}): correct its expressions.") from None
    return _shaped(made, pa.schema([*schema, ("line", pa.int64()), ("fault", pa.string())]))


def _with_faults(stated: pa.Table, rows: Rows) -> pa.Table:
    faults = pa.table(
        {
            "line": pa.array([fault.line for fault in rows.faults], pa.int64()),
            "fault": pa.array([fault.reason for fault in rows.faults], pa.string()),
        }
    )
    return pa.concat_tables([stated, _shaped(faults, stated.schema)])


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _write(writer: Writer, running: _Import, stated: pa.Table, rows: Rows) -> None:
    _still_ours(writer, running)
    unread = {fault.line: fault.text for fault in rows.faults}

    def payloads(places: Sequence[int]) -> list[Payload]:
        lines = stated["line"].take(pa.array(places, pa.int64())).to_pylist()
        read = iter(rows.text([line for line in lines if line not in unread]))
        return [Payload(unread[line] if line in unread else next(read)) for line in lines]

    if running.kind in RESTATED:
        kind = RESTATED[running.kind]
        turn = writer.plan("import", running.batch, rows.upto, kind.table.name, rows.line)
        write_restated(writer, kind, turn, stated, payloads)
    else:
        turn = writer.plan("import", running.batch, rows.upto, "touches", rows.line)
        writer.write_touches(turn, stated, payloads)


def _still_ours(writer: Writer, running: _Import) -> None:
    query = sa.select(BATCHES.c.state, BATCHES.c.upto).where(BATCHES.c.number == running.batch)
    with writer.record.connect() as connection:
        state, upto = connection.execute(query).one()
    if state.startswith("und"):
        raise HedgerowError(f"Import {running.batch} was undone while it ran: import the file again to have it.")
    if state != "running" or upto > running.upto:
        raise HedgerowError(f"Another process goes on with import {running.batch}: let it finish.")


def _end(workspace: Workspace, batch: int) -> Report:
    with workspace.record.begin() as connection:
        ended = sa.update(BATCHES).where(BATCHES.c.number == batch, BATCHES.c.state == "running")
        connection.execute(ended.values(state="done"))
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
        yield from connection.execute(query.order_by(DROPS.c.line, DROPS.c.id)).tuples()
