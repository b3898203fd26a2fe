"""Blocking: which pairs of people are compared at all, by the keys they share."""

from collections.abc import Mapping
from itertools import combinations

import duckdb

from hedgerow.people.matching.comparison import Comparison

PAIRS_A_PERSON = 60
LEAST_PAIRS = 1_000_000
BLOCK_SIZES = (10, 20, 50, 100, 200, 500, 1000)


def block(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison]) -> int:
    """Make the table `candidates` (a, b), a before b, of the table `prepared`; return the largest block used.

    People who share the value of a key are compared where no more people share it than the largest block; a
    value that more people share counts only together with another such value. The largest block is the largest
    of `BLOCK_SIZES` that keeps the pairs within 60 a person, or a million. People of one `source` that is said
    to hold each person once are not compared.
    """
    if _everybody(con):
        con.execute(
            "CREATE OR REPLACE TABLE candidates AS SELECT x.person AS a, y.person AS b FROM prepared x "
            "JOIN prepared y ON x.person < y.person WHERE (x.source = y.source) IS NOT TRUE ORDER BY a, b"
        )
        return con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    keys = [key for comparison in comparisons.values() for key in comparison.keys]
    con.execute("CREATE OR REPLACE TABLE keys (person BIGINT, kind INTEGER, value VARCHAR)")
    for kind, key in enumerate(keys):
        listed = con.sql(f"SELECT typeof({key}) FROM prepared LIMIT 1").fetchall()
        value = f"unnest({key})" if listed and listed[0][0].endswith("[]") else key
        con.execute(
            f"INSERT INTO keys SELECT DISTINCT person, {kind}, value FROM (SELECT person, {value} AS value FROM prepared) "
            "WHERE value IS NOT NULL AND value <> ''"
        )
    con.execute("CREATE OR REPLACE TABLE sizes AS SELECT kind, value, count(*) AS size FROM keys GROUP BY ALL")
    most = _largest(con)
    con.execute(
        "CREATE OR REPLACE TABLE common AS SELECT keys.* FROM keys JOIN sizes USING (kind, value) "
        f"WHERE size > {most}"
    )
    con.execute(f"CREATE OR REPLACE TABLE candidates AS {_pairs(len(keys), most)}")
    return most


def _everybody(con: duckdb.DuckDBPyConnection) -> bool:
    people = con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    return bool(people * (people - 1) // 2 <= LEAST_PAIRS)


def _largest(con: duckdb.DuckDBPyConnection) -> int:
    people = con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    budget = max(LEAST_PAIRS, PAIRS_A_PERSON * people)
    sums = ", ".join(f"coalesce(sum(size * (size - 1) // 2) FILTER (size <= {most}), 0)" for most in BLOCK_SIZES)
    costs = con.sql(f"SELECT {sums} FROM sizes").fetchall()[0]
    return max([most for most, cost in zip(BLOCK_SIZES, costs, strict=True) if cost <= budget] or [BLOCK_SIZES[0]])


def _pairs(kinds: int, most: int) -> str:
    alone = (
        "SELECT l.person AS a, r.person AS b FROM keys l JOIN keys r USING (kind, value) "
        f"JOIN sizes USING (kind, value) WHERE size BETWEEN 2 AND {most} AND l.person < r.person"
    )
    both = " UNION ALL ".join(
        f"SELECT x.person, {one * kinds + other} AS kind, x.value || chr(31) || y.value AS value FROM common x "
        f"JOIN common y USING (person) WHERE x.kind = {one} AND y.kind = {other}"
        for one, other in combinations(range(kinds), 2)
    )
    together = (
        f"SELECT l.person, r.person FROM doubled l JOIN doubled r USING (kind, value) "
        f"WHERE l.person < r.person"
    )
    return (
        f"WITH doubled AS (SELECT * FROM ({both}) QUALIFY count(*) OVER (PARTITION BY kind, value) BETWEEN 2 AND {most}), "
        f"pairs AS (SELECT DISTINCT a, b FROM ({alone} UNION ALL {together})) "
        "SELECT a, b FROM pairs JOIN prepared x ON x.person = a JOIN prepared y ON y.person = b "
        "WHERE (x.source = y.source) IS NOT TRUE ORDER BY a, b"
        if kinds > 1
        else f"SELECT DISTINCT a, b FROM ({alone}) ORDER BY a, b"
    )
