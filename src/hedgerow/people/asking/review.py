"""Review: what the guard would not decide by itself, and waits for a person to say who is who."""

from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.asking.person import name_of, summaries
from hedgerow.people.clusters import clusters
from hedgerow.people.kinds import LAW, Law


def questions(workspace: Workspace, most: int) -> tuple[list[dict[str, Any]], int]:
    """Return at most `most` open questions, those about more touches first, and how many there are in all.

    A question has `name` (the identifier that would tie people together, or "" where two say so of each other),
    `people` (summaries with names, at most ten) and `evidence` (how many touches say so).
    """
    known = clusters(workspace)
    shared = workspace.engine.sql(
        _SHARED,
        shared=pa.table({"code": known.shared}),
        people=pa.table({"code": np.arange(len(known.person)), "person": known.person}),
    ).to_pylist()
    pairs = {tuple(sorted(pair)) for pair in known.person[known.refused].tolist()}
    between = [{"name": "", "people": sorted(pair), "evidence": 1} for pair in sorted(pairs) if pair[0] != pair[1]]
    rows = [*shared, *between]
    wanted = {person for row in rows[:most] for person in row["people"][:10]}
    told = {each["person"]: each | {"name": name_of(each)} for each in summaries(workspace, known, wanted)}
    asked = [
        row | {"count": len(row["people"]), "people": [told[p] for p in row["people"][:10] if p in told]}
        for row in rows[:most]
    ]
    return asked, len(rows)


_SHARED = f"""
WITH ends AS (
  SELECT a AS code, b AS other, touch_id FROM evidence SEMI JOIN shared ON a = code
  UNION ALL SELECT b, a, touch_id FROM evidence SEMI JOIN shared ON b = code
)
SELECT kind || ':' || value AS name, list_sort(list(DISTINCT person)) AS people, count(DISTINCT touch_id) AS evidence
FROM ends JOIN people ON people.code = other
JOIN (SELECT code, ({LAW})::INTEGER AS law FROM identifiers) x ON x.code = other AND x.law > {Law.SHARED:d}
JOIN identifiers i ON i.code = ends.code
WHERE other NOT IN (SELECT code FROM shared)
GROUP BY i.code, kind, value HAVING count(DISTINCT person) > 1 ORDER BY evidence DESC, i.code
"""
