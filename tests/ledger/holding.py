"""What a workspace holds, in a form two of them can be compared by; and small files to fill one with."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from hedgerow.collect import Map
from hedgerow.kit.index import Entries, Index
from hedgerow.ledger import Touch, Workspace, create_workspace, move, open_workspace, writing
from hedgerow.ledger.intake.memory import remembered
from hedgerow.ledger.record import BATCHES, DROPS, TURNS

MAP = Map(
    source="shop",
    touch=[
        {
            "occurred_at": "time",
            "id": "id",
            "verb": "coalesce(verb, 'view')",
            "actor": "'customer:' || who",
            "claims": ["'email:' || mail"],
            "channel": "channel",
        }
    ],
)
HEADER = "id,time,who,mail,channel,verb\n"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

Row = tuple[str, int, str, str, str, str]
"""An id (or none), minutes since `BEGIN`, who, mail, channel, verb."""


def table_of(rows: Sequence[Row]) -> str:
    """Return the rows as CSV."""
    lines = [f"{i},{(BEGIN + timedelta(minutes=m)).isoformat()},{w},{e},{c},{v}\n" for i, m, w, e, c, v in rows]
    return HEADER + "".join(lines)


def touch_of(row: Row) -> Touch:
    """Return the row as a request would state it."""
    sender_id, minutes, who, mail, channel, verb = row
    return Touch(
        sender_id=sender_id or None,
        occurred_at=BEGIN + timedelta(minutes=minutes),
        source="shop",
        verb=verb or "view",
        actor=f"customer:{who}",
        claims=(f"email:{mail}",) if mail else (),
        channel=channel or None,
    )


def turned(workspace: Workspace, most: int = 100_000) -> None:
    """Move what waits in the inbox."""
    with writing(workspace) as writer:
        move(writer, most=most)


def live(workspace: Workspace) -> Counter[tuple[object, ...]]:
    """Return the touches in force: id and content, with how often each is there (once, one hopes)."""
    columns = "touch_id, occurred_at::VARCHAR, source, verb, actor, claims::VARCHAR, channel, value, currency, text"
    rows = workspace.engine.sql(f"SELECT {columns} FROM touches WHERE source <> 'hedgerow'").to_pylist()
    return Counter(tuple(row.values()) for row in rows)


def identifiers(workspace: Workspace) -> dict[int, str]:
    """Return the identifier of each code the ledger's touches use; fails where one has two."""
    pairs = workspace.engine.sql(
        "SELECT DISTINCT code, identifier FROM (SELECT actor_code AS code, actor AS identifier FROM touches "
        "WHERE source <> 'hedgerow' UNION ALL SELECT unnest(claim_codes), unnest(claims) FROM touches)"
    ).to_pylist()
    found = {pair["code"]: pair["identifier"] for pair in pairs}
    assert len(found) == len(pairs) == len(set(found.values()))
    return found


def drops_of(workspace: Workspace) -> Counter[tuple[object, ...]]:
    """Return what was dropped, with how often."""
    query = sa.select(DROPS.c.batch, DROPS.c.line, DROPS.c.reason, DROPS.c.payload)
    with workspace.record.connect() as connection:
        return Counter(tuple(row) for row in connection.execute(query))


def counts_of(workspace: Workspace) -> list[tuple[object, ...]]:
    """Return what each import says became of its rows."""
    columns = (BATCHES.c[name] for name in ("number", "state", "kept", "repeated", "dropped"))
    with workspace.record.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(BATCHES.c.number))]


def assert_indexes_equal_the_lake(workspace: Workspace) -> None:
    """Fail where an index says other than it would if it were made again from the lake."""
    with writing(workspace) as writer:
        for name, index in (("ids", writer.ids), ("codes", writer.codes)):
            assert _said(_entries(index)) == _said(list(remembered(workspace, name))), name


def assert_no_turn_is_open(workspace: Workspace) -> None:
    """Fail where a write was planned and neither done nor voided."""
    with workspace.record.connect() as connection:
        assert not connection.scalar(sa.select(sa.func.count()).where(TURNS.c.state == "planned"))


def _entries(index: Index) -> list[Entries]:
    return [segment.read(0, segment.count) for segment in index._segments]


def _said(parts: list[Entries]) -> Counter[tuple[int, ...]]:
    columns = [np.concatenate([np.zeros(0, np.int64), *(column(part) for part in parts)]) for column in _COLUMNS]
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


_COLUMNS: tuple[Callable[[Entries], Any], ...] = (
    lambda part: part.high.view(np.int64),
    lambda part: part.low.view(np.int64),
    lambda part: part.value,
    lambda part: part.owner,
)


class Template:
    """An empty workspace that is copied, which is faster than making one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        create_workspace(folder / "empty", "Test").record.dispose()

    def copy(self, of: Path | None = None) -> Workspace:
        """Return a workspace like `of`, the empty one unless told."""
        self._count += 1
        folder = self._folder / f"copy{self._count}"
        shutil.copytree(of or self._folder / "empty", folder)
        return open_workspace(folder)

    def drop(self, workspace: Workspace) -> None:
        """Close a copy and remove it."""
        workspace.close()
        shutil.rmtree(workspace.folder)


def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Return a template in a folder of its own."""
    return Template(tmp_path_factory.mktemp("template"))
