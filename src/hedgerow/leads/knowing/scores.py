"""Scores: the seam to the score room, whose figures a charter's conditions ask for."""

import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.ledger.touch import INSTANT

SCORES = pa.schema(
    [
        ("row", pa.int64()),
        ("score", pa.float64()),
        ("fit", pa.float64()),
        ("engagement", pa.float64()),
        ("changes_at", INSTANT),
    ]
)
"""Of each row asked for: what its person is worth, 0 to 100, and when decay alone changes it next (null: never)."""


def scores_of(workspace: Workspace, asked: pa.Table) -> pa.Table:
    """Return `SCORES` for rows of row, lead, person (codes) and instant (microseconds).

    No room values leads yet, so nothing is known of any, which is NULL: the score is what the charter's own points
    give. The score room answers in this place: one row for each row asked, or none.
    """
    return SCORES.empty_table()
