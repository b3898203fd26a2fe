"""Mentions: what is known of a source that mentions a target; and jobs that are asked for once while they wait."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of mentions, and the column of jobs that tells equal ones."""
    op.create_table(
        "mentions",
        sa.Column("pair", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "target", "state", "digest", "actor")),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("owed", sa.Text, nullable=False),
        sa.Column("verified_at", _BIG, nullable=False),
    )
    op.add_column("jobs", sa.Column("once", sa.Text, nullable=True))
    waiting = sa.text("state = 'waiting'")
    op.create_index("jobs_once", "jobs", ["kind", "once"], unique=True, sqlite_where=waiting, postgresql_where=waiting)
