"""The tables of erasure: who is to be forgotten, what keeps them out, and what stays of their touches."""

import pyarrow as pa
import sqlalchemy as sa

from hedgerow.ledger.lake import TableKind
from hedgerow.ledger.record import METADATA

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ERASURES = sa.Table(
    "erasures",
    METADATA,
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("identifiers", sa.Text, nullable=False),
    sa.Column("residues", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("turn", _BIG, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("asked_at", _BIG, nullable=False),
    sa.Column("done_at", _BIG, nullable=True),
    sqlite_autoincrement=True,
)
"""A row an erasure: `state` is asked, running, scouring or done. `identifiers` and `residues` are JSON and are
emptied with the last row that named the person; `counts` is JSON too and stays."""

TOMBSTONES = sa.Table(
    "tombstones",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("erased_at", _BIG, nullable=False),
)
"""A row a keyed hash of an erased identifier that this ledger has been cleared of; the keys are not in the record."""

RESIDUES = TableKind(
    "residues",
    pa.schema(
        [
            ("period", pa.string()),
            ("channel", pa.string()),
            ("channel_group", pa.string()),
            ("verb", pa.string()),
            ("value", pa.int64()),
            ("currency", pa.string()),
            ("batch", pa.int64()),
        ]
    ),
)
"""A row what stays of an erased person's touch: month, channel and amount, tied to nobody. The table is written whole
and in the order of its content at each erasure, so that neither place nor write says what belongs together."""

REDACTIONS = TableKind("redactions", pa.schema([("said", pa.string()), ("turn", pa.int64())]))
"""The touches of others (by id) that named an erased person and don't any more: sent again they are repeats, whatever
they say, since what they said first is not known."""
