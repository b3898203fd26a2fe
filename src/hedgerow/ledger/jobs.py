"""Jobs: work to do later, asked for in the transaction that needs it and done at least once."""

import random
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger.record import METADATA
from hedgerow.ledger.workspace import Workspace

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state = 'waiting'")

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("attempts", _BIG, nullable=False),
    sa.Column("due_at", _BIG, nullable=False),
    sa.Column("leased_until", _BIG, nullable=False),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("once", sa.Text),
    sa.Index("jobs_due", "state", "due_at"),
    sa.Index("jobs_once", "kind", "once", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    sqlite_autoincrement=True,
)
"""A row a job: `state` is waiting, running (until its lease ends) or failed; one that is done is no row any more.
Of waiting jobs of a kind only one may have the same `once`."""

ATTEMPTS = 8
"""How often a job is tried before it has failed."""
LEASE = timedelta(minutes=5)
"""How long a worker may take; then another takes the job to be lost and runs it."""
KEPT = timedelta(days=30)
"""How long a failed job is kept to be looked at."""

_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=6)
_insert: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

Payload = dict[str, Any]
Handler = Callable[[Workspace, Payload], None]


class GiveUp(HedgerowError):
    """Raised by a handler: the job has failed, and trying it again is no use."""


@dataclass(frozen=True)
class Job:
    """A job as the record holds it; `attempts` counts the one that is running."""

    id: int
    kind: str
    payload: Payload
    state: str
    error: str
    attempts: int
    due_at: int
    leased_until: int
    made_at: int
    once: str | None


def ask_for(
    connection: sa.Connection, kind: str, payload: Payload, due_at: datetime | None = None, once: str | None = None
) -> None:
    """Ask for a job in the caller's transaction; it is run when that is committed and `due_at` has come.

    Where a job of this kind with the same `once` waits already, nothing is asked for; one that is running does not
    count, since it may have looked too early. Raises `HedgerowError` for a payload that can't be written as JSON.
    """
    try:
        text = msgspec.json.encode(payload).decode()
    except (TypeError, ValueError) as error:
        raise HedgerowError(
            f"The payload of a job '{kind}' can't be written down ({error}): use plain values."
        ) from None
    present = now()
    row = {
        "kind": kind,
        "payload": text,
        "state": "waiting",
        "error": "",
        "attempts": 0,
        "leased_until": 0,
        "once": once,
    }
    times = {"due_at": microseconds(due_at or present), "made_at": microseconds(present)}
    insert = _insert[connection.dialect.name](JOBS).values(**row, **times)
    connection.execute(insert.on_conflict_do_nothing())


def jobs(workspace: Workspace, state: str | None = None, most: int = 1_000) -> list[Job]:
    """Return the newest `most` jobs that are not done, of one state or of all, in order of their asking."""
    listed = sa.select(JOBS).order_by(JOBS.c.id.desc()).limit(most)
    if state:
        listed = listed.where(JOBS.c.state == state)
    with workspace.record.connect() as connection:
        return [_job(row) for row in reversed(connection.execute(listed).all())]


def try_again(workspace: Workspace, number: int) -> None:
    """Let a failed job wait for its turn anew; raises `HedgerowError` where no failed job has this number."""
    anew = {"state": "waiting", "attempts": 0, "due_at": microseconds(now()), "once": None}
    with workspace.record.begin() as connection:
        failed = (JOBS.c.id == number) & (JOBS.c.state == "failed")
        if not connection.execute(sa.update(JOBS).where(failed).values(**anew)).rowcount:
            raise HedgerowError(f"No job {number} has failed: choose one from the list of failed jobs.")


def work(
    workspace: Workspace,
    handlers: Mapping[str, Handler],
    stop: threading.Event,
    idle: float = 1.0,
    lease: timedelta = LEASE,
) -> None:
    """Run jobs of the kinds that `handlers` names until `stop` is set, looking every `idle` seconds for new ones.

    Any number of threads, processes and hosts may work on one record. A job is run at least once: a handler must
    do no harm where it is called again.
    """
    while not stop.is_set():
        try:
            busy = work_once(workspace, handlers, lease)
        except (sa.exc.OperationalError, sa.exc.IntegrityError):
            # The record is locked or away, or the same was asked for this instant: the lease keeps what was begun.
            busy = False
        if not busy:
            stop.wait(idle)


def work_once(workspace: Workspace, handlers: Mapping[str, Handler], lease: timedelta = LEASE) -> bool:
    """Run the job that is due first, if there is one; return whether there was."""
    job = _leased(workspace, handlers, lease)
    if job is None:
        return False
    if job.attempts > ATTEMPTS:
        _fail(workspace, job, f"Its worker was lost {ATTEMPTS} times: see the log of that time, then try it again.")
        return True
    try:
        handlers[job.kind](workspace, job.payload)
    except GiveUp as error:
        _fail(workspace, job, error.sentence)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises must not end the worker
        said = error.sentence if isinstance(error, HedgerowError) else f"{type(error).__name__}: {error}"
        _fail(workspace, job, said) if job.attempts >= ATTEMPTS else _retry(workspace, job, said)
    else:
        _end(workspace, sa.delete(JOBS).where(_mine(job)))
    return True


def _leased(workspace: Workspace, kinds: Collection[str], lease: timedelta) -> Job | None:
    present = now()
    lost = (JOBS.c.state == "running") & (JOBS.c.leased_until <= microseconds(present))
    waiting = (JOBS.c.state == "waiting") & (JOBS.c.due_at <= microseconds(present))
    mine = {"state": "running", "leased_until": microseconds(present + lease), "attempts": JOBS.c.attempts + 1}
    for which in (lost, waiting):  # each on its own goes by the index of state and time, however many wait
        due = sa.select(JOBS.c.id).where(which, JOBS.c.kind.in_(kinds)).order_by(JOBS.c.due_at, JOBS.c.id).limit(1)
        with workspace.record.connect() as connection:  # looking takes no lock, which asking every second would
            if connection.scalar(due) is None:
                continue
        first = due.with_for_update(skip_locked=True).scalar_subquery()
        with workspace.record.begin() as connection:
            row = connection.execute(
                sa.update(JOBS).where(JOBS.c.id == first).values(**mine).returning(*JOBS.c)
            ).first()
        if row is not None:
            return _job(row)
    return None


def _retry(workspace: Workspace, job: Job, error: str) -> None:
    """Let a job wait, twice as long and twice again; where the same was asked for meanwhile, that one stands for it."""
    wait = min(_FIRST * 4 ** (job.attempts - 1), _LONGEST) * random.uniform(0.75, 1.25)
    later = {"state": "waiting", "error": error, "due_at": microseconds(now() + wait)}
    statements: list[sa.Executable] = [sa.update(JOBS).where(_mine(job)).values(**later)]
    if job.once is not None:
        same = JOBS.alias()
        anew = sa.exists().where(same.c.kind == job.kind, same.c.once == job.once, same.c.state == "waiting")
        statements.insert(0, sa.delete(JOBS).where(_mine(job), anew))
    _end(workspace, *statements)


def _fail(workspace: Workspace, job: Job, error: str) -> None:
    old = (JOBS.c.state == "failed") & (JOBS.c.made_at < microseconds(now() - KEPT))
    failed = sa.update(JOBS).where(_mine(job)).values(state="failed", error=error)
    _end(workspace, failed, sa.delete(JOBS).where(old))


def _end(workspace: Workspace, *statements: sa.Executable) -> None:
    with workspace.record.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def _mine(job: Job) -> sa.ColumnElement[bool]:
    # A worker whose lease ended has no say any more: the next one counted an attempt.
    return (JOBS.c.id == job.id) & (JOBS.c.state == "running") & (JOBS.c.attempts == job.attempts)


def _job(row: sa.Row[Any]) -> Job:
    values = row._asdict()
    return Job(**values | {"payload": msgspec.json.decode(values["payload"])})
