"""Proposed: the table of proposals, made anew by each matching."""

import pyarrow as pa

from hedgerow.ledger import TableKind

PROPOSALS = TableKind(
    "proposals",
    pa.schema(
        [
            ("a", pa.int64()),
            ("b", pa.int64()),
            ("weight", pa.float64()),
            ("probability", pa.float64()),
            ("support", pa.float64()),
            ("decision", pa.string()),
            ("reason", pa.string()),
            ("why", pa.string()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("why",),
)
"""A row two people who may be one: `a` and `b` are the codes of the identifier that is most each one's, `weight` and
`support` are in bits, `decision` is review or clash with its `reason`, and `why` the waterfall, a JSON list."""
