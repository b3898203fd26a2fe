"""Scouring: an erased person taken out of the record, the inbox, the reject files and all that is derived."""

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hedgerow.kit.index import sync_folder
from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.record import CURSORS, DROPS, scour

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

_OF_USERS = ("users", "sessions", "invitations", "keys")
_OF_OURS = ("alembic_version", "erasures", "tombstones", "turns", "cursors", "masks")
_DELETED = ("jobs", "mentions")
"""Tables whose rows are work to do for somebody, or about them: where they name an erased person they go."""

CODED, NAMED = ("person", "code", "actor_code"), "identifier"
"""Columns of whole numbers, and the one of text, by which a room keeps what it holds of a person."""

_LATER = 1 << 62
_TOGETHER = 500


def clear_files(workspace: "Workspace", redactor: Redactor) -> None:
    """Remove what is derived, what was kept of answers and what learned of the person, and empty what was rejected.

    The indexes hold digests of identifiers that need no key to be found out: they are made again from the lake.
    """
    workspace.derived.forget()
    for name in ("cache", "index"):
        shutil.rmtree(workspace.folder / name, ignore_errors=True)
    for file in (workspace.folder / "spill").glob("*"):
        file.unlink(missing_ok=True)
    for file in (workspace.folder / "models").glob("*"):
        if file.suffix == ".tmp" or redactor.names(_read(file)):
            file.unlink(missing_ok=True)
    for file in sorted((workspace.folder / "rejects").glob("*")):
        if file.suffix == ".unfinished":  # which a crash left
            file.unlink(missing_ok=True)
        elif redactor.names(said := _read(file)):
            _store(file, _emptied(said, redactor))


def _emptied(rejects: str, redactor: Redactor) -> str:
    """Return a file of rejects with nothing of the rows that name the person but their line and reason."""
    csv.field_size_limit(1 << 30)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in csv.reader(io.StringIO(rejects, newline="")):
        named = any(redactor.names(each) for each in row)
        writer.writerow((*(redactor.text(each) for each in row[:2]), *("" for _ in row[2:])) if named else row)
    return out.getvalue()


def _read(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "surrogateescape")


def _store(file: Path, text: str) -> None:
    unfinished = file.with_name(file.name + ".unfinished")
    with unfinished.open("wb") as out:
        out.write(text.encode("utf-8", "surrogateescape"))
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    sync_folder(file.parent)


def clear_record(connection: sa.Connection, identifiers: Sequence[str], codes: Sequence[int]) -> None:
    """Take the person out of every table of the record that is not of users or of the ledger's own numbers.

    Rows that a room keeps of one of their `identifiers` or `codes` go, whatever they say.
    """
    redactor, said = Redactor(identifiers), [each.lower() for each in identifiers]
    for table in tables_of(connection):
        for column in table.columns:
            if column.name in CODED and isinstance(column.type, sa.Integer):
                _delete(connection, table, column, codes)
            elif column.name == NAMED:
                _delete(connection, table, sa.func.lower(column), said)
        for key, whole in rows_naming(connection, table, redactor):
            row = sa.and_(*(table.c[name] == value for name, value in key.items()))
            if table.name in _DELETED:
                connection.execute(sa.delete(table).where(row))
            elif table.name == DROPS.name:
                nothing = {"payload": "", "head": "", "kind": "row", "reason": redactor.text(whole["reason"])}
                connection.execute(sa.update(table).where(row).values(**nothing))
            else:
                _redact(connection, table, row, redactor)


def clear_inbox(workspace: "Workspace") -> None:
    """Remove every request that is in the lake: in what encoding one names a person can't be known."""
    with workspace.record.connect() as connection:
        upto = connection.scalar(sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")) or 0
    workspace.inbox.prune(upto, _LATER)


def scour_all(workspace: "Workspace") -> bool:
    """Leave nothing of what was removed in any file or log; return False where a reader prevented it for now."""
    for name in workspace.lake.names():
        workspace.lake.scour(name)
    with workspace.record.connect() as connection:
        names = [table.name for table in tables_of(connection)]
    written = scour(workspace.record, [*names, "erasures", "inbox"], whole=True)
    return workspace.inbox.scour(whole=True) and written


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """Return the tables of the record in which people may be named, as they are there."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    apart = {*_OF_USERS, *_OF_OURS, "inbox"}
    return [table for table in metadata.sorted_tables if table.name not in apart]


def rows_naming(
    connection: sa.Connection, table: sa.Table, redactor: Redactor
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the key and the whole of each row of a table that names the person."""
    texts, keys = _texts(table), list(table.primary_key.columns)
    if not texts or not keys:
        return
    for row in connection.execute(sa.select(table)).mappings().all():
        if any(row[column.name] and redactor.names(row[column.name]) for column in texts):
            yield {column.name: row[column.name] for column in keys}, dict(row)


def _delete(
    connection: sa.Connection, table: sa.Table, column: sa.ColumnElement[Any], values: Sequence[int | str]
) -> None:
    for start in range(0, len(values), _TOGETHER):
        connection.execute(sa.delete(table).where(column.in_(values[start : start + _TOGETHER])))


def _redact(connection: sa.Connection, table: sa.Table, row: sa.ColumnElement[bool], redactor: Redactor) -> None:
    texts = _texts(table)
    said = connection.execute(sa.select(*texts).where(row)).mappings().one()
    if any(redactor.names(said[column.name]) for column in texts if column.primary_key and said[column.name]):
        connection.execute(sa.delete(table).where(row))
        return
    cleared = {name: redactor.text(value) if value else value for name, value in said.items()}
    connection.execute(sa.update(table).where(row).values(**cleared))


def _texts(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, sa.String | sa.Text)]
