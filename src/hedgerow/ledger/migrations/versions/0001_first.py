"""The first tables: inbox, turns, batches, drops, masks, cursors."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables as they were in version 0.1."""
    key: dict[str, Any] = {"primary_key": True, "autoincrement": True}
    op.create_table(
        "inbox",
        sa.Column("seq", _BIG, **key),
        sa.Column("received_at", _BIG, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "turns",
        sa.Column("number", _BIG, primary_key=True, autoincrement=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _TURNS),
    )
    op.create_table(
        "batches",
        sa.Column("number", _BIG, **key),
        *(sa.Column(name, kind, nullable=False) for name, kind in _BATCHES),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "drops",
        sa.Column("id", _BIG, **key),
        sa.Column("turn", _BIG, nullable=False, index=True),
        sa.Column("batch", _BIG, nullable=False, index=True),
        *(sa.Column(name, kind, nullable=False) for name, kind in _DROPS),
    )
    op.create_table(
        "masks",
        sa.Column("batch", _BIG, primary_key=True, autoincrement=False),
        sa.Column("received_at", _BIG, nullable=False),
    )
    op.create_table("cursors", sa.Column("step", sa.Text, primary_key=True), sa.Column("turn", _BIG, nullable=False))


_TURNS = (("kind", sa.Text), ("batch", _BIG), ("upto", _BIG), ("state", sa.Text), ("outcome", sa.Text))
_BATCHES = (
    ("kind", sa.Text),
    ("source", sa.Text),
    ("file", sa.Text),
    ("digest", sa.Text),
    ("state", sa.Text),
    ("upto", _BIG),
    ("line", _BIG),
    ("kept", _BIG),
    ("repeated", _BIG),
    ("dropped", _BIG),
    ("started_at", _BIG),
)
_DROPS = (("line", _BIG), ("reason", sa.Text), ("payload", sa.Text))
