"""Collecting: what kind of message a request holds, write keys, links, users, sessions, one-time links, jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY: dict[str, Any] = {"primary_key": True, "autoincrement": False}


def upgrade() -> None:
    """Add the tables and columns of version 0.2."""
    for table in ("inbox", "drops"):
        op.add_column(table, sa.Column("kind", sa.Text, nullable=False, server_default="touch"))
        op.add_column(table, sa.Column("head", sa.Text, nullable=False, server_default=""))
    op.add_column("drops", sa.Column("dropped_at", _BIG, nullable=False, server_default="0"))
    op.add_column("drops", sa.Column("retried_at", _BIG, nullable=True))
    op.create_table(
        "keys",
        sa.Column("name", sa.Text, **_KEY),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("sites", sa.Text, nullable=False),
        sa.Column("rate", _BIG, nullable=False),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Column("revoked_at", _BIG, nullable=True),
    )
    op.create_table(
        "links",
        sa.Column("code", sa.Text, **_KEY),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "made_by")),
        *(sa.Column(name, sa.Text, nullable=True) for name in _LINKS),
        sa.Column("generation", _BIG, nullable=False),
        sa.Column("made_at", _BIG, nullable=False),
    )
    _access()
    op.create_table(
        "jobs",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "payload", "state", "error")),
        sa.Column("attempts", _BIG, nullable=False),
        sa.Column("due_at", _BIG, nullable=False),
        sa.Column("leased_until", _BIG, nullable=False),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Index("jobs_due", "state", "due_at"),
        sqlite_autoincrement=True,
    )


def _access() -> None:
    op.create_table(
        "users",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "role", "password")),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, **_KEY),
        sa.Column("user", _BIG, nullable=False, index=True),
        sa.Column("agent", sa.Text, nullable=False),
        *(sa.Column(name, _BIG, nullable=False) for name in ("made_at", "seen_at", "ends_at")),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.Text, **_KEY),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("role", "email", "made_by")),
        *(sa.Column(name, _BIG, nullable=False) for name in ("made_at", "ends_at")),
        sa.Column("used_at", _BIG, nullable=True),
    )


_LINKS = ("parent", "root", "channel", "medium", "campaign", "content", "message", "sharer", "recipient")
