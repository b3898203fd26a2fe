"""Sessions: who is signed in, on which browser, since when."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hedgerow.access.passwords import hashed, is_dated, is_right
from hedgerow.access.tables import SESSIONS, USERS, time_of
from hedgerow.access.throttle import Throttle
from hedgerow.access.users import User, user_of
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace

IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
"""How long a session lasts without being used, and however much it is used."""
_SEEN = timedelta(minutes=1)
_AGENT = 512


@dataclass(frozen=True)
class Session:
    """A browser that a user is signed in with; `digest` names it and lets nobody in."""

    digest: str
    user: User
    agent: str
    made_at: datetime
    seen_at: datetime


def sign_in(workspace: Workspace, throttle: Throttle, email: str, password: str, address: str) -> User:
    """Return the user with this e-mail and password.

    Raises `HedgerowError` where they don't belong together, which takes as long and says as much whether there is
    such a user or not, and where too many tries failed.
    """
    small = email.strip().lower()
    throttle.count(small, address)
    row = _active(workspace, small)
    if not is_right(password, row.password if row else None) or row is None:
        raise HedgerowError("The e-mail and the password don't belong together: try again, or ask an admin for a link.")
    throttle.forgive(small, address)
    if is_dated(row.password):
        renewed = sa.update(USERS).where(USERS.c.id == row.id, USERS.c.password == row.password)
        with workspace.record.begin() as connection:
            connection.execute(renewed.values(password=hashed(password)))
    return user_of(row)


def open_session(workspace: Workspace, user: User, agent: str) -> str:
    """Open a session for a user on a browser that calls itself `agent`; return its token, which only it keeps."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = {
        "digest": digest_of(token),
        "user": user.id,
        "agent": agent[:_AGENT],
        "made_at": clock.microseconds(now),
        "seen_at": clock.microseconds(now),
        "ends_at": clock.microseconds(now + LONGEST),
    }
    with workspace.record.begin() as connection:
        connection.execute(sa.insert(SESSIONS).values(**row))
        connection.execute(sa.delete(SESSIONS).where(sa.not_(_lasting(now))))
    return token


def find_session(workspace: Workspace, token: str) -> Session | None:
    """Return the session with this token, seen now; None where there is none, or it or its user is over."""
    now = clock.now()
    with workspace.record.connect() as connection:
        row = connection.execute(_joined().where(SESSIONS.c.digest == digest_of(token), _lasting(now))).first()
    if row is None:
        return None
    found = _session_of(row)
    if now - found.seen_at >= _SEEN:
        seen = sa.update(SESSIONS).where(SESSIONS.c.digest == found.digest)
        # Whoever reads a page need not wait until this can be written down.
        with suppress(sa.exc.OperationalError), workspace.record.begin() as connection:
            connection.execute(seen.values(seen_at=clock.microseconds(now)))
    return found


def sessions(workspace: Workspace, user: User | None = None) -> list[Session]:
    """Return the sessions of a user, or of all, the one seen last first."""
    query = _joined().where(_lasting(clock.now())).order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.digest)
    if user is not None:
        query = query.where(SESSIONS.c.user == user.id)
    with workspace.record.connect() as connection:
        return [_session_of(row) for row in connection.execute(query)]


def end_session(workspace: Workspace, user: User, digest: str) -> None:
    """End one session of a user; one that is over already stays so, and nobody else's is touched."""
    _end(workspace, (SESSIONS.c.user == user.id) & (SESSIONS.c.digest == digest))


def end_sessions(workspace: Workspace, user: User, but: str = "") -> None:
    """End all sessions of a user, but the one with the digest `but`."""
    _end(workspace, (SESSIONS.c.user == user.id) & (SESSIONS.c.digest != but))


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token, in hexadecimal: what is kept in its place."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _active(workspace: Workspace, email: str) -> sa.Row[tuple[object, ...]] | None:
    if not email.isprintable():  # PostgreSQL takes no NUL, not even to look for it
        return None
    active = sa.select(USERS).where(USERS.c.email == email, USERS.c.ended_at.is_(None))
    with workspace.record.connect() as connection:
        return connection.execute(active).first()


def _end(workspace: Workspace, which: sa.ColumnElement[bool]) -> None:
    with workspace.record.begin() as connection:
        connection.execute(sa.delete(SESSIONS).where(which))


def _joined() -> sa.Select[tuple[object, ...]]:
    own = (SESSIONS.c.digest, SESSIONS.c.agent, SESSIONS.c.made_at.label("opened_at"), SESSIONS.c.seen_at)
    joined = sa.select(*own, USERS).join(USERS, USERS.c.id == SESSIONS.c.user)
    return joined.where(USERS.c.ended_at.is_(None))


def _lasting(now: datetime) -> sa.ColumnElement[bool]:
    idle = SESSIONS.c.seen_at > clock.microseconds(now - IDLE)
    return (SESSIONS.c.ends_at > clock.microseconds(now)) & idle


def _session_of(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(row.digest, user_of(row), row.agent, time_of(row.opened_at), time_of(row.seen_at))
