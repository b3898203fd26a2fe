"""Blocking: which pairs of people are compared at all, by the keys they share."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from hedgerow.people.matching.comparison import Comparison

PAIRS_A_PERSON = 4
LEAST_PAIRS = 1_000_000
BLOCK_SIZES = (5, 10, 20, 50, 100, 200, 500, 1000)


def block(con: duckdb.DuckDBPyConnection, comparisons: Mapping[str, Comparison], proofs: pa.Table) -> int:
    """Make the table `candidates` (a, b, proved), a before b, of `prepared`; return the largest block used.

    Where all pairs are within a million all are compared; the pairs (a, b) of `proofs` always are. Else,

    People who share the value of a key are compared where no more people share it than the largest block; a
    value that more people share counts only together with another such value. The largest block is the largest
    of `BLOCK_SIZES` that keeps the pairs within 4 a person, or a million. People of one `source` that is said
    to hold each person once are not compared.
    """
    people = con.sql("SELECT count(*) FROM prepared").fetchall()[0][0]
    keys = [key for comparison in comparisons.values() for key in comparison.keys]
    everybody = people * (people - 1) // 2 <= LEAST_PAIRS
    most = people if everybody else _shared(con, keys, max(LEAST_PAIRS, PAIRS_A_PERSON * people))
    pairs = "SELECT x.person AS a, y.person AS b FROM prepared x JOIN prepared y ON x.person < y.person"
    con.register("proofs", proofs)
    con.execute(
        "CREATE TABLE candidates AS SELECT a, b, bool_or(proved) AS proved FROM "
        f"(SELECT a, b, FALSE AS proved FROM ({pairs if everybody else _pairs(most)}) "
        "UNION ALL SELECT a, b, TRUE FROM proofs) JOIN prepared x ON x.person = a JOIN prepared y ON y.person = b "
        "WHERE (x.source = y.source) IS NOT TRUE GROUP BY a, b"
    )
    con.unregister("proofs")
    con.execute("DROP TABLE IF EXISTS keys")
    return int(most)


def _shared(con: duckdb.DuckDBPyConnection, keys: list[str], budget: int) -> int:
    """Make the table `keys` of hashed values, each with how many share it; return the largest block."""
    con.execute("CREATE TABLE stated (person BIGINT, kind INTEGER, value UBIGINT)")
    for kind, key in enumerate(keys):
        listed = con.sql(f"SELECT typeof({key}) FROM prepared LIMIT 1").fetchall()[0][0].endswith("[]")
        con.execute(
            f"INSERT INTO stated SELECT person, {kind}, hash({kind}, value) FROM "
            f"(SELECT person, {f'unnest(list_distinct({key}))' if listed else key} AS value FROM prepared) "
            "WHERE value <> ''"
        )
    con.execute(
        "CREATE TABLE keys AS SELECT stated.*, size FROM stated JOIN "
        "(SELECT value, count(*) AS size FROM stated GROUP BY value HAVING size > 1) USING (value)"
    )
    con.execute("DROP TABLE stated")
    return _largest(con, budget)


def _largest(con: duckdb.DuckDBPyConnection, budget: int) -> int:
    # Each of a value's people shares it with size - 1 others, and each pair is counted twice.
    sums = ", ".join(f"coalesce(sum(size - 1) FILTER (size <= {most}), 0) / 2" for most in BLOCK_SIZES)
    costs = con.sql(f"SELECT {sums} FROM keys").fetchall()[0]
    return max([most for most, cost in zip(BLOCK_SIZES, costs, strict=True) if cost <= budget] or [BLOCK_SIZES[0]])


def _pairs(most: int) -> str:
    return (
        f"WITH common AS (SELECT * FROM keys WHERE size > {most}), coupled AS ("
        "SELECT x.person, hash(x.value, y.value) AS value FROM common x JOIN common y USING (person) "
        "WHERE x.kind < y.kind), "
        f"few AS (SELECT value FROM coupled GROUP BY value HAVING count(*) BETWEEN 2 AND {most}), "
        f"shared AS (SELECT person, value FROM keys WHERE size <= {most} "
        "UNION ALL SELECT person, value FROM coupled JOIN few USING (value)) "
        "SELECT l.person AS a, r.person AS b FROM shared l JOIN shared r ON l.value = r.value AND l.person < r.person"
    )
