"""The tables of access in the record: write keys, users, their sessions, and one-time links."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hedgerow.ledger.record import METADATA

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("sites", sa.Text, nullable=False),
    sa.Column("rate", _BIG, nullable=False),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("revoked_at", _BIG),
)
"""A row a write key: `sites` is a JSON list of hosts whose pages may use it, `rate` events a second (0: no limit)."""

USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("ended_at", _BIG),
    sqlite_autoincrement=True,
)
"""A row a user: `password` is its argon2 hash; one with `ended_at` can't sign in any more."""

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user", _BIG, nullable=False, index=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("seen_at", _BIG, nullable=False),
    sa.Column("ends_at", _BIG, nullable=False),
)
"""A row a session that a user is signed in by: the SHA-256 of its token, never the token."""

INVITATIONS = sa.Table(
    "invitations",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("ends_at", _BIG, nullable=False),
    sa.Column("used_at", _BIG),
)
"""A row a one-time link that makes a user of `role`, or gives the user with this `email` a new password."""


def time_of(microseconds: int) -> datetime:
    """Return the instant in UTC that a column ending in `_at` holds, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
