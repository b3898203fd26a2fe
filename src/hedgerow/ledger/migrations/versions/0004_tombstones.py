"""Erasure: who is to be forgotten, and the tombstones that this record is cleared of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of erasures and tombstones."""
    op.create_table(
        "erasures",
        sa.Column("number", _BIG, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "identifiers", "residues")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("asked_by", "reason")),
        sa.Column("turn", _BIG, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("asked_at", _BIG, nullable=False),
        sa.Column("done_at", _BIG, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tombstones",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("erased_at", _BIG, nullable=False),
    )
