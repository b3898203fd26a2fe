"""Leakage: which columns know the outcome because they were filled in after it, and what gives them away."""

import re
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.score.prediction.learning.columns import Column, edges_of, encode, is_time, learn, microseconds_of
from hedgerow.score.prediction.learning.quality import Floats, area

ALONE = 0.9
"""The area under the curve, on the newer half, from which one column alone separates too well."""
FILLED = 0.85
"""The same among the rows where the column is filled, if it is empty in a fifth of them."""
EMPTY = 0.2
APART = 0.5
"""How much more often it is filled with the outcome than without (or less often)."""
AFTER = 0.05
"""The share of rows whose value is of a time after the row's own, or after the outcome."""
_ROWS = 20
_ODDS = 1.0
"""How far, in log odds, a value that names the outcome must lie from what all rows have."""
_ANY = 0.55
"""The area that a column suspected by its name alone must reach, or it can do no harm."""

_NAMES = re.compile(
    r"\b(last|latest|most recent|modified|updated|outcome|disposition|closed?|won|lost|tags?)\b(?! names?\b)"
    r"|^(status|stage|result|rating)$|\b(lead|deal|sales|opportunity|contact|call|crm) (status|stage|rating|result)\b"
)
"""Columns that by their name are written over as a lead is worked, so that they hold how it stood at the end."""
_OUTCOME = re.compile(
    r"\b(closed|won|lost|converted|(became a|new|existing) customer|bought|purchased|paid|enrolled|already a|signed"
    r"|rejected|churned|disqualified|unqualified|not interested|no longer|dead|junk|spam|(invalid|wrong) number)\b"
)
_JUDGEMENT = re.compile(
    r"\b(potential|qualified|(in )?relevance|worst|might be|not sure|hot|warm|cold|likely|unlikely|promising|hopeless"
    r"|(very )?interested|will (revert|buy|join))\b"
)


class Suspect(msgspec.Struct, frozen=True):
    """A column that seems to be filled in after the outcome, and every reason to think so, with its figures."""

    column: str
    reasons: tuple[str, ...]


def suspects(
    table: pa.Table,
    came: Floats,
    at: str,
    *,
    as_of: bool = False,
    stated: Mapping[str, str] | None = None,
    came_at: str | None = None,
) -> tuple[Suspect, ...]:
    """Return the suspect columns of a table whose rows are in order of time, (n,) `came` saying which had the outcome.

    `stated` says for a column which other one holds the time its value was stated, and `came_at` which one holds the
    time of the outcome; with both, what was stated after it is suspect. With `as_of` the table was made as of its rows'
    times, so that a column's name says nothing. Every power is measured on the newer half by rates of the older.
    """
    held = {at, came_at, *(stated or {}).values()}
    names = [name for name in table.column_names if name not in held]
    columns, _ = learn(table, names, at)
    matrix = encode(columns, table, at)
    found: dict[str, list[str]] = {}
    for place, column in enumerate(columns):
        found[column.name] = [*_by_figures(matrix[:, place], came, column), *_by_values(matrix[:, place], came, column)]
        if not as_of:
            found[column.name] += _by_name(matrix[:, place], came, column)
    for name in names:
        found.setdefault(name, []).extend(_by_time(table, name, came, at, (stated or {}).get(name), came_at))
    return tuple(Suspect(name, tuple(reasons)) for name, reasons in found.items() if reasons)


def _by_figures(values: Floats, came: Floats, column: Column) -> Iterator[str]:
    filled, there = ~np.isnan(values), came == 1
    alone = power(values, came, column)
    if alone >= ALONE:
        yield f"it alone tells the outcome of newer rows (AUC {alone:.2f})"
    within = power(values[filled], came[filled], column)
    if within >= FILLED and filled.mean() <= 1 - EMPTY:
        empty = 1 - filled.mean()
        yield f"it is empty in {empty:.0%} of rows, and where it is filled it tells the outcome (AUC {within:.2f})"
    with_it, without = filled[there].mean(), filled[~there].mean()
    if abs(with_it - without) >= APART:
        yield f"it is filled in {with_it:.0%} of rows with the outcome and in {without:.0%} of those without"


def power(values: Floats, came: Floats, column: Column) -> float:
    """Return the area under the curve of one column alone on the newer half of rows, by the rates of the older."""
    half = len(values) // 2
    if half < _ROWS or came[:half].std() == 0 or came[half:].std() == 0:
        return 0.5
    edges = np.asarray(column.edges) if column.kind == "category" else edges_of(values[:half])
    group = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values)).astype(np.int64)
    rows = np.bincount(group[:half], minlength=len(edges) + 2)
    hits = np.bincount(group[:half], came[:half], minlength=len(edges) + 2)
    # Few rows of a group say little: each begins with ten that are as all are.
    rate = (hits + 10 * came[:half].mean()) / (rows + 10)
    return area(rate[group[half:]], came[half:])


def _by_values(values: Floats, came: Floats, column: Column) -> Iterator[str]:
    telling = []
    for code, word in enumerate(column.categories):
        said, rows = re.sub(r"[\W_]+", " ", word.lower()), values == code
        what = "names the outcome" if _OUTCOME.search(said) else "judges the lead" if _JUDGEMENT.search(said) else ""
        apart = abs(_odds(came[rows]) - _odds(came))
        if what and rows.sum() >= _ROWS and apart >= _ODDS:
            telling.append((apart, word, what, rows))
    if telling:
        _, word, what, rows = max(telling, key=lambda each: each[0])
        yield (
            f"its value “{word}” {what}: of {rows.sum():,} such rows {came[rows].mean():.0%} had the outcome, "
            f"of all {came.mean():.0%}"
        )


def _odds(came: Floats) -> float:
    return float(np.log((came.sum() + 0.5) / (len(came) - came.sum() + 0.5)))


def _by_name(values: Floats, came: Floats, column: Column) -> Iterator[str]:
    named = _NAMES.search(re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name)).lower().strip())
    if named and (alone := power(values, came, column)) >= _ANY:
        yield (
            f"by its name (“{named[0]}”) it is written over as a lead is worked, so that it may hold what came after "
            f"(AUC {alone:.2f})"
        )


def _by_time(
    table: pa.Table, name: str, came: Floats, at: str, stated_at: str | None, came_at: str | None
) -> Iterator[str]:
    if is_time(table[name].type) and is_time(table[at].type):
        late = _share_late(microseconds_of(table, name), microseconds_of(table, at))
        if late >= AFTER:
            yield f"its time lies after the row's own in {late:.0%} of the rows that state it"
    if stated_at and came_at:
        there = (came == 1) & pc.is_valid(table[name]).to_numpy()
        late = _share_late(microseconds_of(table, stated_at)[there], microseconds_of(table, came_at)[there])
        if late >= AFTER:
            yield f"it was stated after the outcome in {late:.0%} of the rows that have both"


def _share_late(one: Floats, other: Floats) -> float:
    both = ~np.isnan(one) & ~np.isnan(other)
    return float((one[both] > other[both]).mean()) if both.any() else 0.0
