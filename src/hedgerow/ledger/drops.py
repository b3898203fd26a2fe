"""Drops: what could not be kept, each with its payload and its reason, until it is tried again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hedgerow.kit import clock
from hedgerow.ledger.record import DROPS
from hedgerow.ledger.workspace import Workspace

_TOGETHER = 1_000
_OPEN = DROPS.c.retried_at.is_(None)


@dataclass(frozen=True)
class Drop:
    """What could not be kept: why, when and where it came from (batch 0 is the inbox), and what it said.

    `kind` and `head` are those of the request it came in (see `INBOX`); a row of an import is of the kind "row", and
    one of a contact book has its source as `head`.
    """

    id: int
    reason: str
    batch: int
    line: int
    payload: str
    kind: str
    head: str
    dropped_at: int


@dataclass(frozen=True)
class Reason:
    """A reason for drops: how many there are by it, of which kinds of requests, and when the latest came."""

    says: str
    count: int
    kinds: tuple[str, ...]
    latest_at: int


def reasons(workspace: Workspace) -> list[Reason]:
    """Return the reasons for the drops that were not tried again, the one with the most first."""
    count = sa.func.count()
    query = sa.select(DROPS.c.reason, DROPS.c.kind, count, sa.func.max(DROPS.c.dropped_at)).where(_OPEN)
    found: dict[str, Reason] = {}
    with workspace.record.connect() as connection:
        for says, kind, many, latest in connection.execute(query.group_by(DROPS.c.reason, DROPS.c.kind)).tuples():
            before = found.get(says, Reason(says, 0, (), 0))
            kinds = tuple(sorted({*before.kinds, kind}))
            found[says] = Reason(says, before.count + many, kinds, max(before.latest_at, latest))
    return sorted(found.values(), key=lambda reason: (-reason.count, reason.says))


def drops(workspace: Workspace, most: int = 1000) -> dict[str, list[Drop]]:
    """Return what could not be kept by reason, the reason with the most first; `most` rows of each, the latest."""
    number = sa.func.row_number().over(partition_by=DROPS.c.reason, order_by=DROPS.c.id.desc())
    count = sa.func.count().over(partition_by=DROPS.c.reason)
    ranked = sa.select(DROPS, number.label("rank"), count.label("count")).where(_OPEN).subquery()
    query = sa.select(ranked).where(ranked.c.rank <= most)
    found: dict[str, list[Drop]] = {}
    with workspace.record.connect() as connection:
        for row in connection.execute(query.order_by(ranked.c.count.desc(), ranked.c.reason, ranked.c.rank)):
            found.setdefault(row.reason, []).append(_drop(row))
    return found


def open_drops(workspace: Workspace, reason: str | None = None) -> Iterator[list[Drop]]:
    """Yield the drops that a request brought and that were not tried again, the oldest first, some at a time."""
    query = sa.select(DROPS).where(_OPEN, DROPS.c.kind != "row")
    if reason is not None:
        query = query.where(DROPS.c.reason == reason)
    after = 0
    while True:
        some = query.where(DROPS.c.id > after).order_by(DROPS.c.id).limit(_TOGETHER)
        with workspace.record.connect() as connection:
            found = [_drop(row) for row in connection.execute(some)]
        if not found:
            return
        after = found[-1].id
        yield found


def drop(workspace: Workspace, source: str, rejected: Iterable[tuple[int, str, str]]) -> None:
    """Keep what could not be taken of a source (line, reason and what it said), in place of what could not before."""
    at = clock.microseconds(clock.now())
    of = {"turn": 0, "batch": 0, "kind": "row", "head": source, "dropped_at": at}
    rows = [of | {"line": line, "reason": reason, "payload": said} for line, reason, said in rejected]
    with workspace.record.begin() as connection:
        before = sa.update(DROPS).where(_OPEN, DROPS.c.kind == "row", DROPS.c.head == source)
        connection.execute(before.values(retried_at=at))
        if rows:
            connection.execute(sa.insert(DROPS), rows)


def mark_retried(workspace: Workspace, numbers: Sequence[int]) -> None:
    """Write down that these drops were tried again: what still can't be kept is a drop anew."""
    at = clock.microseconds(clock.now())
    with workspace.record.begin() as connection:
        connection.execute(sa.update(DROPS).where(DROPS.c.id.in_(numbers)).values(retried_at=at))


def _drop(row: sa.Row[tuple[object, ...]]) -> Drop:
    return Drop(**{name: getattr(row, name) for name in Drop.__dataclass_fields__})
