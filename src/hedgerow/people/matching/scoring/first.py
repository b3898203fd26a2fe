"""The first model: what levels are worth before any candidate is looked at, from random and from rarely alike pairs."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from hedgerow.people.matching.comparison import Comparison
from hedgerow.people.matching.scoring.training import distinct
from hedgerow.people.matching.scoring.vectors import First, Floats, Levels, compared

SEED = 7
SAMPLED = 250_000
PASS_SAMPLED = 50_000
RARE_ENOUGH = 20
"""A training pass needs fewer pairs a person than this."""

FOUND = 0.8
"""The share of matching pairs that the best pass is taken to find."""

PRIOR = 1e-4
"""The prior where no value is rare."""

_LIKE = 0.95
"""The share of matching pairs that agree wholly, before anything is known."""


@dataclass(frozen=True)
class _Pass:
    """What was learned of pairs that agree on a rare value: the shares m, and how many of the pairs match."""

    m: dict[str, Floats]
    matching: float


def first_model(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison]) -> First:
    """Return the first model of the people in the table `prepared`, after Fellegi and Sunter (1969).

    `u` is counted in pairs drawn at random, and over everybody where pairs agree wholly, since a sample hardly
    holds any that do. `m` is learned from pairs that agree on a value that few share, in one pass a comparison
    that has such values, of all other comparisons (expectation maximisation with u held, as Splink does).
    """
    people = np.sort(con.sql("SELECT person FROM prepared").to_arrow_table()["person"].to_numpy())
    u = _random(con, comparisons, people)
    passes = [_pass(con, comparisons, name, u, pairs) for name, pairs in _rare(con, comparisons, len(people)).items()]
    m = {name: _mean([each for each in passes if name in each.m], name, len(u[name])) for name in comparisons}
    pairs = len(people) * (len(people) - 1) / 2
    matching = max([each.matching for each in passes], default=0.0) / FOUND
    prior = min(max(matching, 1.0) / pairs, 0.5) if passes else PRIOR
    shares = {name: _shares(con, each.term_frequency) for name, each in comparisons.items() if each.term_frequency}
    return First(m, u, prior, people, shares)


def _random(
    con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], people: np.ndarray
) -> dict[str, Floats]:
    a, b = np.random.default_rng(SEED).integers(0, len(people), (2, SAMPLED))
    con.register("drawn", pa.table({"a": people[a[a != b]], "b": people[b[a != b]]}))
    level = _levels(con, comparisons, "SELECT a, b FROM drawn")
    con.unregister("drawn")
    u = {}
    for name, comparison in comparisons.items():
        stated = level[name][level[name] >= 0]
        counts = np.maximum(np.bincount(stated, minlength=len(comparison.levels) + 1), 0.5)
        u[name] = counts / counts.sum()
        u[name][-1] = _alike(con, comparison) or u[name][-1]
    return u


def _rare(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], people: int) -> dict[str, int]:
    """Return by comparison how many pairs agree on its rare value, where they are some, but few a person."""
    found = {}
    for name, comparison in comparisons.items():
        if column := comparison.rare:
            sizes = f"SELECT count(*) AS n FROM prepared WHERE {column} IS NOT NULL GROUP BY {column}"
            pairs = con.sql(f"SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM ({sizes})").fetchall()[0][0]
            if 0 < pairs <= RARE_ENOUGH * people:
                found[name] = pairs
    return found


def _pass(
    con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], name: str, u: dict[str, Floats], pairs: int
) -> _Pass:
    column, parts = comparisons[name].rare, -(-pairs // PASS_SAMPLED)
    others = {other: comparison for other, comparison in comparisons.items() if other != name}
    level = _levels(con, others, (
        f"SELECT l.person AS a, r.person AS b FROM prepared l JOIN prepared r ON l.{column} = r.{column} "
        f"AND l.person < r.person WHERE hash(l.{column}) % {parts} = 0"
    )) if others else {}  # fmt: skip
    m, share = _maximised(level, u)
    return _Pass(m, share * pairs)


def _maximised(level: Levels, u: dict[str, Floats]) -> tuple[dict[str, Floats], float]:
    """Return the likeliest shares m and share of matching pairs, u held; nearly all pairs match at first."""
    if not level:
        return {}, FOUND
    at, counts = distinct(list(level.values()))
    level = {name: each[at] for name, each in level.items()}
    m, share = {name: _at_first(len(u[name])) for name in level}, 0.9
    for _ in range(100):
        odds = np.full(len(counts), np.log(share / (1 - share)))
        for name, each in level.items():
            odds += np.append(np.log(m[name] / u[name]), 0.0)[each]
        probability = counts / (1 + np.exp(-np.clip(odds, -500, 500)))
        before, share = share, min(max(float(probability.sum() / counts.sum()), 1e-6), 1 - 1e-6)
        for name, each in level.items():
            stated = each >= 0
            held = np.bincount(each[stated], probability[stated], len(u[name])) + _at_first(len(u[name]))
            m[name] = held / held.sum()
        if abs(before - share) < 1e-6:
            break
    return m, share


def _levels(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], pairs: str) -> Levels:
    batches = list(compared(con, comparisons, pairs))
    return {
        name: np.concatenate([np.empty(0, np.int8), *(batch[name].to_numpy() for batch in batches)])
        for name in comparisons
    }


def _mean(passes: list[_Pass], name: str, levels: int) -> Floats:
    if not passes:
        return _at_first(levels)
    return np.average([each.m[name] for each in passes], axis=0, weights=[each.matching for each in passes])


def _at_first(levels: int) -> Floats:
    return np.append(np.full(levels - 1, (1 - _LIKE) / (levels - 1)), _LIKE)


def _shares(con: duckdb.DuckDBPyConnection, column: str) -> Floats:
    counts = con.sql(
        f"SELECT count(*) OVER (PARTITION BY {column}) / count({column}) OVER () AS share FROM prepared ORDER BY person"
    ).to_arrow_table()
    return np.asarray(counts["share"].to_numpy())


def _alike(con: duckdb.DuckDBPyConnection, comparison: Comparison) -> float:
    """Return the share of all pairs that agree wholly."""
    column = comparison.rare or comparison.term_frequency
    if column is None:
        return 0.0
    sizes = f"SELECT count(*)::DOUBLE AS n FROM prepared WHERE {column} IS NOT NULL GROUP BY {column}"
    share = con.sql(f"SELECT sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0) FROM ({sizes})").fetchall()[0][0]
    return float(share or 0.0)
