"""The lake: Delta Lake tables of plain Parquet, appended to exactly once a turn."""

import json
import os
import shutil
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Field, Transaction, WriterProperties, write_deltalake

from hedgerow.kit import HedgerowError
from hedgerow.kit.index import sync_folder

APPLICATION = "hedgerow"
COMPACT_TO = 128 << 20
_WRITER = WriterProperties(compression="ZSTD", compression_level=1)


@dataclass(frozen=True)
class TableKind:
    """A table of a lake: its name, columns and their version, what it is partitioned by.

    Columns in `unstated` (personal ones) get no statistics in the log.
    """

    name: str
    schema: pa.Schema
    version: int = 1
    by: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()


class Lake:
    """The Delta tables in one folder; every one has a column `turn`, the write that put each row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handles = threading.local()
        self._made = threading.local()
        self._sound = threading.local()

    def ensure(self, kind: TableKind, extra: list[pa.Field] | None = None) -> None:
        """Create the table if it is missing, with `extra` columns behind its own; add the columns it lacks.

        Raises `HedgerowError` where the table is of a newer schema version than `kind` is, or has a column of
        another type.
        """
        if self._is_sound(kind, extra):
            return
        wanted = pa.schema([*kind.schema, *(extra or [])])
        if not DeltaTable.is_deltatable(self._uri(kind.name)):
            self._create(kind, wanted)
        table = self._open(kind.name)
        written = int((table.metadata().description or "schema 0").removeprefix("schema "))
        if written > kind.version:
            raise HedgerowError(
                f"The table {kind.name} was written by a newer Hedgerow (schema {written}): upgrade the program."
            )

        has = pa.schema(table.schema().to_arrow())
        for field in wanted:
            if field.name in has.names and has.field(field.name).type != field.type:
                raise HedgerowError(
                    f"The column {field.name} of {kind.name} is {has.field(field.name).type}, not {field.type}: "
                    f"declare it as it was, or under another name."
                )
        if lacking := [Field.from_arrow(field) for field in wanted if field.name not in has.names]:
            table.alter.add_columns(lacking)
        if written < kind.version:
            table.alter.set_table_description(f"schema {kind.version}")
        self._sound.__dict__[kind.name] = (table, table.version(), kind, extra)

    def _is_sound(self, kind: TableKind, extra: list[pa.Field] | None) -> bool:
        """Return whether the table was found to be as asked for, and is the same still: a page asks for it often."""
        kept = self._sound.__dict__.get(kind.name)
        if not kept or kept[2] is not kind or kept[3] != extra or not (self.folder / kind.name).is_dir():
            return False
        table = self._open(kind.name)
        return bool(table is kept[0] and table.version() == kept[1])

    def _create(self, kind: TableKind, schema: pa.Schema) -> None:
        indexed = [field.name for field in schema if field.name not in kind.unstated and not _nested(field)]
        DeltaTable.create(
            self._uri(kind.name),
            schema=schema,
            partition_by=list(kind.by) or None,
            mode="ignore",
            description=f"schema {kind.version}",
            configuration={
                "delta.dataSkippingStatsColumns": ",".join(name for name in indexed if name not in kind.by),
                "delta.checkpointInterval": "100",
            },
        )

    def append(self, name: str, rows: pa.Table, turn: int) -> None:
        """Append `rows` as turn number `turn`, durably and once: where the table has that turn, do nothing.

        New columns are added to the table. An empty turn is committed too, so that the table knows of it.
        """
        if self.turn(name) < turn:
            self._write(name, rows, turn, mode="append")

    def _write(self, name: str, rows: pa.Table, turn: int, mode: Literal["append", "overwrite"]) -> None:
        table = self._open(name)
        write_deltalake(
            table,
            rows,
            mode=mode,
            schema_mode="merge",
            target_file_size=COMPACT_TO * 2,
            writer_properties=_WRITER,
            commit_properties=CommitProperties(app_transactions=[Transaction(APPLICATION, turn)]),
        )
        table.update_incremental()
        _sync(self.folder / name, table.version())

    def replace(self, name: str, rows: pa.Table, turn: int) -> None:
        """Put `rows` in place of all the table's, as turn number `turn` and once; for tables that are small."""
        if self.turn(name) < turn:
            self._write(name, rows, turn, mode="overwrite")

    def delete(self, name: str, predicate: str) -> None:
        """Delete the rows of which a predicate is true; it is written in the log, so it must name nobody."""
        table = self._open(name)
        table.delete(predicate, writer_properties=_WRITER)
        table.update_incremental()
        _sync(self.folder / name, table.version())

    def scour(self, name: str) -> None:
        """Remove every file the table is not made of now, and every entry of its log that a checkpoint stands for.

        A reader that began before may find its files gone, and has to ask again.
        """
        table = self._open(name)
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
        table.create_checkpoint()
        table.update_incremental()
        log, last = self.folder / name / "_delta_log", table.version()
        for file in log.iterdir():
            number = file.name.partition(".")[0]
            if file.name != "_last_checkpoint" and not (number.isdigit() and int(number) >= last):
                file.unlink()
        sync_folder(log)

    def turn(self, name: str) -> int:
        """Return the last turn the table has, 0 where it has none."""
        return self._open(name).transaction_version(APPLICATION) or 0

    def made(self, name: str) -> tuple[int, ...]:
        """Return what tells the table from one made later in its place, after `forget`."""
        return _made(self.folder / name / "_delta_log")

    def files(self, name: str) -> list[str]:
        """Return the paths of the Parquet files that make up the table now."""
        return self.made_of(name)[0]

    def made_of(self, name: str) -> tuple[list[str], pa.Schema]:
        """Return the table's files and columns as they are now."""
        table = self._open(name)
        kept: tuple[DeltaTable, int, tuple[list[str], pa.Schema]] | None = self._made.__dict__.get(name)
        if kept and kept[0] is table and kept[1] == table.version():
            return kept[2]
        files = [unquote(uri.removeprefix("file://")) for uri in table.file_uris()]
        found = files, pa.schema(table.schema().to_arrow())
        self._made.__dict__[name] = (table, table.version(), found)
        return found

    def sizes(self, name: str) -> list[tuple[str, int]]:
        """Return the folder and the size in bytes of each file the table is made of."""
        actions = pa.table(self._open(name).get_add_actions())
        paths = actions["path"].to_pylist()
        return [
            (path.rpartition("/")[0], size) for path, size in zip(paths, actions["size_bytes"].to_pylist(), strict=True)
        ]

    def columns(self, name: str) -> pa.Schema:
        """Return the table's columns as they are now, custom fields included."""
        return self.made_of(name)[1]

    def identity(self, name: str) -> str:
        """Return what tells this table from every other: it stays the same in a backup, a restored or a moved one."""
        return str(self._open(name).metadata().id)

    def names(self) -> list[str]:
        """Return the tables of this lake."""
        return sorted(path.name for path in self.folder.glob("*") if (path / "_delta_log").is_dir())

    def forget(self, *names: str) -> None:
        """Delete these tables, or every table where none is named; only for what can be made again."""
        for name in names:
            self._handles.__dict__.pop(name, None)
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if names:
            return
        self._handles.__dict__.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def compact(self, name: str) -> None:
        """Merge small files to about 128 MB each; readers keep the old ones until `vacuum`."""
        self._open(name).optimize.compact(target_size=COMPACT_TO, writer_properties=_WRITER)

    def vacuum(self, name: str, keep: timedelta) -> None:
        """Remove files that no reader younger than `keep` can ask for, and the log's old entries."""
        hours = int(keep.total_seconds() // 3600)
        table = self._open(name)
        table.vacuum(retention_hours=hours, enforce_retention_duration=False, dry_run=False)
        table.create_checkpoint()
        table.cleanup_metadata()

    def _uri(self, name: str) -> str:
        # As a path the folder's name would be taken for an encoded one: "100%25" for "100%".
        return (self.folder.absolute() / name).as_uri()

    def _open(self, name: str) -> DeltaTable:
        # A handle belongs to one thread, and to the folder it was opened on: `forget` may have made another.
        folder = _made(self.folder / name / "_delta_log")
        kept = self._handles.__dict__.get(name)
        if kept and kept[0] == folder:
            # Entries are numbered without a gap; asking for the next one costs a hundredth of reading the log on.
            if (self.folder / name / "_delta_log" / f"{kept[1].version() + 1:020d}.json").exists():
                kept[1].update_incremental()
            return kept[1]
        table = DeltaTable(self._uri(name))
        self._handles.__dict__[name] = (folder, table)
        return table


def _made(log: Path) -> tuple[int, ...]:
    """Return what tells a log from one made later in its place, which may well get the same inode."""
    first = log / f"{0:020d}.json"
    # What a handle reads on from may be gone with the entries that a checkpoint stands for.
    marks = [file.stat() for file in (first, log / "_last_checkpoint") if file.exists()]
    return (log.stat().st_ino, *(number for mark in marks for number in (mark.st_ino, mark.st_ctime_ns)))


def _nested(field: pa.Field) -> bool:
    return bool(pa.types.is_nested(field.type))


def _sync(folder: Path, version: int) -> None:
    """Make a commit durable: the files it added, its entry in the log, and the folders they are in."""
    entry = folder / "_delta_log" / f"{version:020d}.json"
    # Lines end in line feeds alone: what people wrote stands in the statistics, with line separators of its own.
    actions = [json.loads(line) for line in entry.read_bytes().split(b"\n") if line]
    files = [folder / unquote(action["add"]["path"]) for action in actions if "add" in action]
    for file in [*files, entry]:
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    for place in {file.parent for file in [*files, entry]} | {folder}:
        sync_folder(place)
