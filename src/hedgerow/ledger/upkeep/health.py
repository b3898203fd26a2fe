"""Health: what is where in a workspace, in which version, what is wrong, and what to do about it."""

import platform
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import pyarrow as pa
import sqlalchemy as sa

from hedgerow import __version__
from hedgerow.ledger.record import BATCHES, CURSORS, DROPS, TURNS
from hedgerow.ledger.workspace import Workspace

_LIBRARIES = ("deltalake", "duckdb", "ibis-framework", "numpy", "pyarrow", "sqlalchemy")
_LOW = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at: what it is, what was found, and what to do where that is not well."""

    what: str
    found: str
    do: str = ""


def last_received(workspace: Workspace, sources: Sequence[str]) -> dict[str, datetime]:
    """Return when the latest touch of each source was received, in UTC; a source without any is left out."""
    asked = pa.table({"source": pa.array(sources, pa.string())})
    query = "SELECT source, max(received_at) AS at FROM touches SEMI JOIN asked USING (source) GROUP BY source"
    return {row["source"]: row["at"] for row in workspace.engine.sql(query, asked=asked).to_pylist()}


def examine(workspace: Workspace) -> list[Finding]:
    """Return the findings, in order; one with a `do` is something to see to."""
    return [
        Finding("program", f"hedgerow {__version__}, Python {platform.python_version()}"),
        Finding("libraries", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)),
        Finding("workspace", str(workspace.folder)),
        Finding("record", _record(workspace)),
        *_tables(workspace),
        *_waiting(workspace),
        *_imports(workspace),
        _drops(workspace),
        _sites(workspace),
        _disk(workspace),
    ]


def _record(workspace: Workspace) -> str:
    with workspace.record.connect() as connection:
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    dialect = workspace.record.dialect.name
    engine = f"SQLite {sqlite3.sqlite_version}" if dialect == "sqlite" else dialect
    return f"{engine}, version {revision} of its tables"


def _tables(workspace: Workspace) -> list[Finding]:
    findings = []
    for lake in (workspace.lake, workspace.derived):
        for name in lake.names():
            rows = workspace.engine.sql(f"SELECT count(*) AS rows FROM {name}")["rows"][0].as_py()
            findings.append(Finding(f"{lake.folder.name}/{name}", f"{rows:,} rows in {len(lake.files(name)):,} files"))
    return findings


def _waiting(workspace: Workspace) -> list[Finding]:
    with workspace.record.connect() as connection:
        cursors = dict(connection.execute(sa.select(CURSORS.c.step, CURSORS.c.turn)).tuples().all())
        planned = connection.scalar(sa.select(sa.func.count()).where(TURNS.c.state == "planned")) or 0
    last = workspace.inbox.last()
    behind = last - cursors.pop("inbox", 0)
    slow = min(cursors.values(), default=0)
    found = [Finding("inbox", f"{behind:,} requests wait", "run `hedgerow serve` or any import" if behind else "")]
    ledger = workspace.version
    late = ledger - slow if cursors else ledger
    found.append(Finding("mill", f"{late:,} writes behind", "run `hedgerow rebuild`" if late else ""))
    if planned:
        found.append(Finding("writes", f"{planned} cut short", "the next import or turn of the mill settles it"))
    return found


def _imports(workspace: Workspace) -> list[Finding]:
    running = sa.select(BATCHES.c.number, BATCHES.c.file).where(BATCHES.c.state == "running")
    with workspace.record.connect() as connection:
        return [
            Finding(f"import {number}", f"{file} was cut short", "import the same file again to finish it")
            for number, file in connection.execute(running)
        ]


def _drops(workspace: Workspace) -> Finding:
    counted = sa.select(DROPS.c.reason, sa.func.count()).group_by(DROPS.c.reason).order_by(sa.func.count().desc())
    with workspace.record.connect() as connection:
        reasons = [f"{count:,} because {reason}" for reason, count in connection.execute(counted.limit(5))]
    do = "see the reject files in the workspace's folder rejects" if reasons else ""
    return Finding("drops", "; ".join(reasons) or "none", do)


def _sites(workspace: Workspace) -> Finding:
    sites = workspace.settings.workspace.sites
    do = "" if sites else "say sites = ['example.org'] under [workspace], so that your own pages are no referrers"
    return Finding("sites", ", ".join(sites) or "none are named", do)


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.folder).free
    return Finding("disk", f"{free / (1 << 30):,.1f} GiB free", "make room" if free < _LOW else "")
