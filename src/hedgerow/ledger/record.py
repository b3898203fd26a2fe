"""The record database: what is relational and durable; SQLite in one folder, or PostgreSQL by URL."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from hedgerow.kit import HedgerowError

METADATA = sa.MetaData()

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INBOX = sa.Table(
    "inbox",
    METADATA,
    sa.Column("seq", _BIG, primary_key=True, autoincrement=True),
    sa.Column("received_at", _BIG, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="touch"),
    sa.Column("head", sa.Text, nullable=False, server_default=""),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""A row a request, `received_at` in microseconds: with the kind "touch" its touches as JSON lines, with another its
messages as they came, and in `head` what they came with. With SQLite a file of its own."""

TURNS = sa.Table(
    "turns",
    METADATA,
    sa.Column("number", _BIG, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("batch", _BIG, nullable=False),
    sa.Column("upto", _BIG, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
)
"""A row a write to the lake, planned before it and done (or void) after: up to which place of the inbox or
of an import it reaches, and what came of it as JSON."""

BATCHES = sa.Table(
    "batches",
    METADATA,
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("upto", _BIG, nullable=False),
    sa.Column("line", _BIG, nullable=False),
    sa.Column("kept", _BIG, nullable=False),
    sa.Column("repeated", _BIG, nullable=False),
    sa.Column("dropped", _BIG, nullable=False),
    sa.Column("started_at", _BIG, nullable=False),
    sqlite_autoincrement=True,
)
"""A row an import: `state` is running, done or undone; `upto` and `line` are where to go on."""

DROPS = sa.Table(
    "drops",
    METADATA,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("turn", _BIG, nullable=False, index=True),
    sa.Column("batch", _BIG, nullable=False, index=True),
    sa.Column("line", _BIG, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="touch"),
    sa.Column("head", sa.Text, nullable=False, server_default=""),
    sa.Column("dropped_at", _BIG, nullable=False, server_default="0"),
    sa.Column("retried_at", _BIG, nullable=True),
)
"""What could not be kept, with its payload and its reason; `kind` and `head` as its request had them."""

MASKS = sa.Table(
    "masks",
    METADATA,
    sa.Column("batch", _BIG, primary_key=True, autoincrement=False),
    sa.Column("received_at", _BIG, nullable=False),
)
"""The imports that an `undo` in the ledger took back."""

CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("turn", _BIG, nullable=False),
)
"""Up to which turn each step of the mill, and the inbox, has been worked through."""


def connect(url: str, patience: float = 10.0) -> sa.Engine:
    """Return an engine on `url`, its tables brought to this program's version.

    With SQLite a write waits `patience` seconds for another process's to end.

    Raises `HedgerowError` where the database is newer than the program, or can't be reached.
    """
    try:
        engine = sa.create_engine(url)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", lambda connection, _: _pragmas(connection, patience))
            sa.event.listen(engine, "begin", _begin)
        _upgrade(engine)
    except (
        sa.exc.OperationalError,
        sa.exc.ArgumentError,
        sa.exc.DatabaseError,
        ModuleNotFoundError,
    ) as error:
        place = sa.make_url(url).render_as_string(hide_password=True) if "://" in url else url
        raise HedgerowError(f"The record at {place} can't be opened ({error}): check [record] url.") from None
    return engine


def scour(engine: sa.Engine, tables: Sequence[str], whole: bool = False) -> bool:
    """Leave nothing of rows that were removed in the database's files; return False where a reader prevented it.

    What SQLite removes is overwritten at once, and only its write-ahead log is emptied here; `whole` writes the
    database anew as well. With PostgreSQL the tables are written anew; what its log's archive holds is not ours.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                connection.exec_driver_sql(f'VACUUM FULL "{table}"')
        return True
    with closing(engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
        try:
            if whole:
                cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not (cursor.fetchone() or [1])[0]
        except sqlite3.OperationalError:  # it is locked
            return False


def sqlite_url(file: Path) -> str:
    """Return the URL of the SQLite database in `file`."""
    return f"sqlite:///{file}"


def _pragmas(connection: Any, patience: float) -> None:
    # Python's driver begins no transaction before CREATE TABLE, so a crash could leave half a migration: we begin.
    connection.isolation_level = None
    wait = f"busy_timeout={patience * 1000:.0f}"
    for pragma in (wait, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _upgrade(engine: sa.Engine) -> None:
    head, known = _revisions()
    with engine.connect() as connection:
        has = sa.inspect(connection).has_table("alembic_version")
        here = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if has else None
    if here == head:
        return
    if here is not None and here not in known:
        raise HedgerowError(f"This workspace was written by a newer Hedgerow (record {here}): upgrade the program.")
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    """Return the version of the tables this program writes, and those it can bring up to it."""
    scripts = ScriptDirectory.from_config(_config())
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
