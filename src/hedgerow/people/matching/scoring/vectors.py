"""Vectors: the level each candidate pair reaches in each comparison, reckoned by DuckDB and read batch by batch."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.people.matching.comparison import Comparison

HOPELESS = -15.0
"""Pairs below this weight in bits by the first model are not kept: they move no estimate, and are nearly all pairs."""

BATCH = 500_000

Floats = NDArray[np.float64]
Levels = dict[str, NDArray[np.int8]]


@dataclass(frozen=True)
class Vectors:
    """Candidate pairs as arrays of one length, and what each level is worth at first.

    `proved` says that the pair is one person's by evidence. `level[name]` is the level reached: the highest is the
    first of the shelf's levels, 0 is otherwise, -1 is unknown. `rarity[name]` is what the rarity of a shared value
    adds, in bits. `m[name]` and `u[name]` are the shares of matching and of random pairs at each level.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    proved: NDArray[np.bool_]
    level: Levels
    rarity: dict[str, Floats]
    m: dict[str, Floats]
    u: dict[str, Floats]
    prior: float
    random_pairs: int


@dataclass(frozen=True)
class First:
    """The first model: the shares `m` and `u` of matching and of random pairs at each level, and the prior.

    `share[name]` is for each of the sorted `people` the share of them that have the same value.
    """

    m: dict[str, Floats]
    u: dict[str, Floats]
    prior: float
    people: NDArray[np.int64]
    share: dict[str, Floats]


def vectors(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], first: First) -> Vectors:
    """Return the vectors of the pairs in `candidates` that `first` does not think hopeless, by a and b.

    `candidates` and `prepared`, which holds the people, are tables of `con`.
    """
    batches = list(_likely(compared(con, comparisons, "SELECT a, b, proved FROM candidates"), comparisons, first))
    a, b, proved = (np.concatenate([batch[0][at] for batch in batches]) for at in range(3))
    order = np.lexsort((b, a))
    level = {name: np.concatenate([batch[1][name] for batch in batches])[order] for name in comparisons}
    rarity = {name: _rarity(first, name, level[name], a[order]) for name in comparisons}
    pairs = len(first.people) * (len(first.people) - 1) // 2
    return Vectors(a[order], b[order], proved[order], level, rarity, first.m, first.u, first.prior, pairs)


def compared(
    con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], pairs: str
) -> Iterator[pa.RecordBatch]:
    """Yield the columns of the SQL `pairs` (a, b and any other) with the level reached, a column a comparison."""
    levels = ", ".join(f"{_level(comparison)} AS {name}" for name, comparison in comparisons.items())
    known = {name for comparison in comparisons.values() for name in comparison.prepare}
    used = sorted(known & {word[:-2] for word in re.findall(r"\w+_[lr]\b", levels)})
    sides = [f"{side}.{name} AS {name}_{side}" for side in "lr" for name in used]
    yield from con.sql(
        f"SELECT * EXCLUDE ({', '.join(side.split()[-1] for side in sides)}), {levels} "
        f"FROM (SELECT pair.*, {', '.join(sides)} FROM ({pairs}) pair "
        "JOIN prepared l ON l.person = pair.a JOIN prepared r ON r.person = pair.b)"
    ).to_arrow_reader(BATCH)


def _level(comparison: Comparison) -> str:
    cases = [f"WHEN {level.sql} THEN {len(comparison.levels) - at}" for at, level in enumerate(comparison.levels)]
    return f"(CASE WHEN {unknown(comparison)} THEN -1 {' '.join(cases)} ELSE 0 END)::TINYINT"


def unknown(comparison: Comparison) -> str:
    """Return SQL over columns that end in _l and _r: when a pair says nothing, for or against."""
    names = "|".join(sorted(comparison.prepare, key=len, reverse=True))
    left, right = (re.sub(rf"\b({names})\b", rf"\1_{side}", comparison.known) for side in "lr")
    return f"NOT coalesce(({left}) AND ({right}), FALSE) OR ({comparison.idle})"


def _likely(
    batches: Iterator[pa.RecordBatch], comparisons: Mapping[str, Comparison], first: First
) -> Iterator[tuple[list[NDArray[np.int64]], Levels]]:
    bits = {name: np.append(np.log2(first.m[name]) - np.log2(first.u[name]), 0.0) for name in comparisons}
    for batch in batches:
        ends = [batch[name].to_numpy(zero_copy_only=False) for name in ("a", "b", "proved")]
        level = {name: batch[name].to_numpy() for name in comparisons}
        weight = np.full(len(ends[0]), np.log2(first.prior / (1 - first.prior)))
        for name in comparisons:
            weight += bits[name][level[name]] + _rarity(first, name, level[name], ends[0])
        kept = (weight > HOPELESS) | ends[2]
        yield [end[kept] for end in ends], {name: each[kept] for name, each in level.items()}


def _rarity(first: First, name: str, level: NDArray[np.int8], a: NDArray[np.int64]) -> Floats:
    """Return what the rarity of a shared value adds to the worth of sharing one: log2(u / share), in bits."""
    added = np.zeros(len(level))
    if name in first.share:
        alike = level == len(first.u[name]) - 1
        added[alike] = np.log2(first.u[name][-1] / first.share[name][np.searchsorted(first.people, a[alike])])
    return added
