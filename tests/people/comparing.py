"""What comparisons say of a few profiles: the SQL that Splink is given, run on them alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from hedgerow.people.matching.comparison import Comparison, comparison_shelf
from hedgerow.people.matching.reading import MANY, prepared, regular
from hedgerow.people.matching.scoring.vectors import unknown


def said(name: str, left: dict[str, Any], right: dict[str, Any]) -> str | None:
    """Return the sentence that the comparison `name` reaches, None where it says nothing."""
    comparison = comparison_shelf()[name]
    place = _levels([left, right], {name: comparison})[0, 1][0]
    return None if place < 0 else [*(level.says for level in comparison.levels), comparison.otherwise][place]


def said_of_all(profiles: Sequence[dict[str, Any]]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return for each ordered pair of profiles the place of the level each comparison reaches, -1 for nothing."""
    return _levels(profiles, comparison_shelf())


def _levels(
    profiles: Sequence[dict[str, Any]], comparisons: Mapping[str, Comparison]
) -> dict[tuple[int, int], tuple[int, ...]]:
    con = duckdb.connect()
    con.register("people", prepared(regular(_table(profiles)), comparisons))
    columns = sorted(set[str]().union(*(comparison.asks() for comparison in comparisons.values())))
    pair = ", ".join(f"l.{column} AS {column}_l, r.{column} AS {column}_r" for column in columns)
    rows = con.sql(
        f"SELECT a, b, {', '.join(_place(comparison) for comparison in comparisons.values())} "
        f"FROM (SELECT l.person AS a, r.person AS b, {pair} FROM people l JOIN people r ON l.person <> r.person)"
    ).fetchall()
    con.close()
    return {(a, b): tuple(places) for a, b, *places in rows}


def _table(profiles: Sequence[dict[str, Any]]) -> pa.Table:
    names = sorted({name for profile in profiles for name, value in profile.items() if value})
    columns = {name: pa.array([_of_kind(name, profile.get(name)) for profile in profiles]) for name in names}
    return pa.table({"person": pa.array(range(len(profiles))), **columns})


def _of_kind(name: str, value: str | list[str] | None) -> str | list[str] | None:
    return [value] if name in MANY and isinstance(value, str) else value


def _place(comparison: Comparison) -> str:
    levels = " ".join(f"WHEN {level.sql} THEN {place}" for place, level in enumerate(comparison.levels))
    return f"CASE WHEN {unknown(comparison)} THEN -1 {levels} ELSE {len(comparison.levels)} END"
