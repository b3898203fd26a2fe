"""Books: the contact books, each card as both sides last agreed on it, and what they disagreed on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of books, their cards and their conflicts."""
    op.create_table(
        "books",
        sa.Column("name", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "user", "secret_file", "pushes", "token")),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Column("read_at", _BIG, nullable=True),
    )
    op.create_table(
        "book_cards",
        sa.Column("book", sa.Text, primary_key=True),
        sa.Column("uid", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("href", "etag", "state", "base")),
        sa.Column("revision", _BIG, nullable=False),
    )
    op.create_table(
        "book_conflicts",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("book", "uid", "field", "kept", "lost")),
        sa.Column("at", _BIG, nullable=False),
        sqlite_autoincrement=True,
    )
