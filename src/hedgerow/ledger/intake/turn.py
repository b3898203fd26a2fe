"""A turn: one write to the lake as it is planned in the record, and what its end changes there."""

import json
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa

from hedgerow.ledger.record import BATCHES, CURSORS, MASKS, TURNS

TABLES = {"touch": "touches", "spend": "spend", "deal": "deals"}
"""The table of the lake that each kind of import fills."""


@dataclass
class Turn:
    """A write as it is planned: its number, what it reads up to, and, once known, what comes of it.

    `undone` are the imports it takes back, `stopped` the requests that name an erased person and go with its end.
    """

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
    stopped: list[int] = field(default_factory=list)
    received_at: int = 0


def planned(record: sa.Engine) -> list[Turn]:
    """Return the turns that were planned and neither done nor voided, in order."""
    query = sa.select(TURNS.c.outcome).where(TURNS.c.state == "planned").order_by(TURNS.c.number)
    with record.connect() as connection:
        return [Turn(**json.loads(outcome)) for outcome in connection.scalars(query)]


def latest(record: sa.Engine) -> Turn:
    """Return the last turn that was planned, whatever became of it; number 0 where there is none."""
    query = sa.select(TURNS.c.outcome).order_by(TURNS.c.number.desc()).limit(1)
    with record.connect() as connection:
        outcome = connection.scalar(query)
    return Turn(**json.loads(outcome)) if outcome else Turn(0, "", 0, 0)


def voided(record: sa.Engine) -> set[int]:
    """Return the numbers of the turns that never came to be."""
    with record.connect() as connection:
        return set(connection.scalars(sa.select(TURNS.c.number).where(TURNS.c.state == "void")))


def row_of(turn: Turn) -> dict[str, object]:
    """Return the turn as a row of the record, without its state."""
    return {
        "number": turn.number,
        "kind": turn.kind,
        "batch": turn.batch,
        "upto": turn.upto,
        "outcome": json.dumps(asdict(turn)),
    }


def finish(connection: sa.Connection, turn: Turn) -> None:
    """Mark a turn that is in the lake as done: move its cursor or its import on, mask what it undoes."""
    connection.execute(sa.update(TURNS).where(TURNS.c.number == turn.number).values(state="done", **row_of(turn)))
    batch = sa.update(BATCHES).where(BATCHES.c.number == turn.batch)
    if turn.kind == "inbox":
        advance(connection, "inbox", turn.upto)
    elif turn.kind == "import":
        counts = {name: BATCHES.c[name] + getattr(turn, name) for name in ("kept", "repeated", "dropped")}
        connection.execute(batch.values(upto=turn.upto, line=turn.line, **counts))
    elif turn.kind == "restore":
        connection.execute(batch.values(state="undone"))
    for number in turn.undone:
        _mask(connection, number, turn.received_at)


def _mask(connection: sa.Connection, batch: int, received_at: int) -> None:
    if connection.scalar(sa.select(MASKS.c.batch).where(MASKS.c.batch == batch)) is None:
        connection.execute(sa.insert(MASKS).values(batch=batch, received_at=received_at))
        connection.execute(sa.update(BATCHES).where(BATCHES.c.number == batch).values(state="undoing"))


def advance(connection: sa.Connection, step: str, turn: int) -> None:
    """Set the cursor of `step` to `turn`."""
    changed = connection.execute(sa.update(CURSORS).where(CURSORS.c.step == step).values(turn=turn))
    if not changed.rowcount:
        connection.execute(sa.insert(CURSORS).values(step=step, turn=turn))
