"""Scores: the seam to the score room, whose figures a charter's conditions ask for."""

import pyarrow as pa
import pyarrow.compute as pc

from hedgerow import score
from hedgerow.charter import Charter
from hedgerow.leads.knowing.compared import compared
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
"""Of each row asked for: what its person is worth, 0 to 100, and when fading alone changes what is decided next (null:
never)."""

_FADING = ("score", "engagement")
_HOUR = 3_600_000_000


def scores_of(workspace: Workspace, charter: Charter, asked: pa.Table) -> pa.Table:
    """Return `SCORES` for rows of row, lead, person (codes) and instant (microseconds), of whom anything is known.

    Fading matters where it passes a number that a condition compares with; where a condition reckons with a score it
    is looked at each hour.
    """
    numbers, reckoned = compared(charter, lambda fact: fact.name in _FADING)
    gains, asked_for = _gains(charter), numbers.get("score", ())
    scored = {float(number - gain) for number in asked_for for gain in gains if 0 <= number - gain <= 100}
    found = score.scores_at(workspace, asked, scored, {float(number) for number in numbers.get("engagement", ())})
    at = found["passes_at"]
    if reckoned:
        said = asked.select(["row", "instant"]).join(found.select(["row"]), "row", join_type="inner").sort_by("row")
        hourly = pc.multiply(pc.add(pc.divide(said["instant"], _HOUR), 1), _HOUR)
        at = pc.min_element_wise(at, hourly)
    columns = [found["row"], found["score"], found["fit"], found["engagement"], at.cast(INSTANT)]
    return pa.table(columns, schema=SCORES)


def _gains(charter: Charter) -> list[int]:
    """Return all that the charter's own rules may add to a score together, each sum once."""
    points = [rule.points for rule in charter.score.values()]
    lowest = sum(min(each, 0) for each in points)
    sums = 1 << -lowest  # a bit for each sum, the lowest first: rules may be many, and their sums are few
    for each in points:
        sums |= sums << each if each > 0 else sums >> -each
    return [lowest + place for place, there in enumerate(reversed(f"{sums:b}")) if there == "1"]
