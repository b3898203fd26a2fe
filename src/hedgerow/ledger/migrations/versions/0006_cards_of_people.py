"""Cards of people: by which identifier a card of a book, and what was lost in it, is somebody's; and what was erased
when a book was read last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add a column of identifiers to cards and conflicts, and one to books that has each read whole once more."""
    for table in ("book_cards", "book_conflicts"):
        op.add_column(table, sa.Column("identifier", sa.Text, nullable=False, server_default=""))
        named = sa.table(table, sa.column("book", sa.Text), sa.column("uid", sa.Text), sa.column("identifier", sa.Text))
        card = sa.literal("card.").concat(named.c.book).concat(":").concat(named.c.uid)
        op.execute(sa.update(named).values(identifier=card))
    op.add_column("books", sa.Column("erased", _BIG, nullable=False, server_default="-1"))
