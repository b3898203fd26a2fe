"""Vectors: the level each candidate pair reaches in each comparison, made by Splink on DuckDB."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from hedgerow.people.matching.comparison import Comparison

SEED = 7
SAMPLED = 250_000
RARE_ENOUGH = 20
"""A first training pass needs fewer pairs a person than this."""

HOPELESS = -15.0
"""Pairs below this weight in bits by the first model are not kept: they move no estimate, and are nearly all pairs."""

Floats = NDArray[np.float64]


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
    level: dict[str, NDArray[np.int8]]
    rarity: dict[str, Floats]
    m: dict[str, Floats]
    u: dict[str, Floats]
    prior: float
    random_pairs: int


def vectors(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison]) -> Vectors:
    """Return the vectors of the pairs in `candidates`, of the people in `prepared`; both are tables of `con`."""
    database = DuckDBAPI(connection=con)
    people = database.register(con.table("prepared"), table_name="people_to_match")
    linker = Linker(people, _settings(comparisons), log_level=None, validate_settings=False)
    with _silence():
        _first_model(con, linker, comparisons)
        scored = pa.concat_tables(
            [_scored(linker, con, "NOT proved", HOPELESS), _scored(linker, con, "proved", None)]
        ).sort_by([("person_l", "ascending"), ("person_r", "ascending")])
    return _read(con, scored, linker, comparisons)


def _scored(linker: Linker, con: duckdb.DuckDBPyConnection, which: str, least: float | None) -> pa.Table:
    name = f"blocked_{'all' if least is None else 'likely'}"
    con.execute(
        f"CREATE TABLE {name} AS SELECT '0' AS match_key, a AS join_key_l, b AS join_key_r, "
        f"FROM candidates WHERE {which} ORDER BY a, b"
    )
    pairs = linker._db_api.register(con.table(name), table_name=f"{name}_pairs")
    linker.table_management.register_blocked_pairs_for_predict(pairs)
    scored = linker.inference.predict(threshold_match_weight=least).as_duckdbpyrelation()
    wanted = [column for column in scored.columns if column.startswith(("person_", "gamma_", "mw_tf_adj_"))]
    table = scored.select(*wanted).to_arrow_table()
    return table.append_column("proved", pa.array(np.full(len(table), least is None)))


def _first_model(con: duckdb.DuckDBPyConnection, linker: Linker, comparisons: Mapping[str, Comparison]) -> None:
    rare = _rare(con, comparisons)
    if rare:
        linker.training.estimate_probability_two_random_records_match([block_on(column) for column in rare], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED, num_chunks=1)
    for column in rare:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(column), estimate_without_term_frequencies=True, max_pairs=SAMPLED, record_sample_proportion=1.0
        )


def _rare(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison]) -> list[str]:
    """Return the columns to train on: those whose equal values make some pairs, but few a person."""
    people = con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    found = []
    for column in [comparison.rare for comparison in comparisons.values() if comparison.rare]:
        pairs = con.sql(
            f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM prepared "
            f"WHERE {column} IS NOT NULL GROUP BY {column})"
        ).fetchall()[0][0]
        if 0 < pairs <= RARE_ENOUGH * people:
            found.append(column)
    return found


def _settings(comparisons: Mapping[str, Comparison]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person",
        comparisons=[_comparison(name, comparison) for name, comparison in comparisons.items()],
        retain_matching_columns=True,  # without them the levels are not kept either
        retain_intermediate_calculation_columns=True,
    )


def _comparison(name: str, comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [{"sql_condition": unknown(comparison), "is_null_level": True}]
    levels += [{"sql_condition": each.sql, "label_for_charts": each.says} for each in comparison.levels]
    if comparison.term_frequency:
        levels[1]["tf_adjustment_column"] = comparison.term_frequency
    levels.append({"sql_condition": "ELSE", "label_for_charts": comparison.otherwise})
    return {"output_column_name": name, "comparison_levels": levels}


def unknown(comparison: Comparison) -> str:
    """Return SQL over columns that end in _l and _r: when a pair says nothing, for or against."""
    names = "|".join(sorted(comparison.prepare, key=len, reverse=True))
    left, right = (re.sub(rf"\b({names})\b", rf"\1_{side}", comparison.known) for side in "lr")
    return f"NOT coalesce(({left}) AND ({right}), FALSE) OR ({comparison.idle})"


def _read(
    con: duckdb.DuckDBPyConnection, table: pa.Table, linker: Linker, comparisons: Mapping[str, Comparison]
) -> Vectors:
    level, rarity, m, u = {}, {}, {}, {}
    for trained in linker._settings_obj.comparisons:
        name = trained.output_column_name
        level[name] = table[f"gamma_{name}"].to_numpy().astype(np.int8)
        adjustment = f"mw_tf_adj_{name}"
        rarity[name] = table[adjustment].to_numpy() if adjustment in table.column_names else np.zeros(len(table))
        known = sorted(trained._comparison_levels_excluding_null, key=lambda each: each.comparison_vector_value)
        m[name] = np.array([_number(each.m_probability) for each in known])
        u[name] = np.array([_number(each.u_probability) for each in known])
        u[name][-1] = _share(con, comparisons[name]) or u[name][-1]
    people = con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    return Vectors(
        table["person_l"].to_numpy(), table["person_r"].to_numpy(), table["proved"].to_numpy(), level, rarity, m, u,
        linker._settings_obj._probability_two_random_records_match, people * (people - 1) // 2,
    )  # fmt: skip


def _share(con: duckdb.DuckDBPyConnection, comparison: Comparison) -> float:
    """Return the share of all pairs that agree wholly: counted, since a sample hardly holds any that are rare."""
    column = comparison.rare or comparison.term_frequency
    if column is None:
        return 0.0
    sizes = f"SELECT count(*)::DOUBLE AS n FROM prepared WHERE {column} IS NOT NULL GROUP BY {column}"
    share = con.sql(f"SELECT sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0) FROM ({sizes})").fetchall()[0][0]
    return float(share or 0.0)


def _number(stated: object) -> float:
    return float(stated) if isinstance(stated, int | float) else 0.0


@contextmanager
def _silence() -> Iterator[None]:
    """Within this context Splink's own log is still."""
    log = logging.getLogger("splink")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
