"""Admitting: the leads of a table as the facts the laws were proved for, or a refusal that names what is not."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from hedgerow.charter.condition.sql import NUMBER, literal, quoted
from hedgerow.charter.facts import Fact, plain
from hedgerow.charter.rules import MADE, Charter
from hedgerow.kit import HedgerowError


def admit(charter: Charter, leads: pa.Table, database: duckdb.DuckDBPyConnection) -> None:
    """Make the table `admitted`: `row`, `entered_at`, and every fact that the charter does not make itself.

    Raises `HedgerowError` where a value is not what its fact can be.
    """
    for name in ("entered_at", "stage"):
        if name not in leads.column_names:
            raise HedgerowError(f"The leads have no '{name}': give it a column.")
    facts = [fact for name, fact in charter.facts.items() if name not in MADE]
    database.register("stated", leads)
    columns = ", ".join(_column(fact, leads.column_names) for fact in facts)
    database.execute(f"CREATE TABLE admitted AS SELECT row, entered_at, {columns} FROM stated")
    for fact, count in zip(facts, _counts(facts, leads, database), strict=True):
        if count:
            raise HedgerowError(f"{count:,} leads have a '{fact.name}' that it can't be: give {_possible(fact)}.")


def _column(fact: Fact, given: list[str]) -> str:
    kept = {"number": NUMBER, "text": "VARCHAR", "boolean": "BOOLEAN"}[fact.type]
    name = quoted(fact.name)
    if fact.name in given:
        return f"TRY_CAST({name} AS {kept}) AS {name}"
    if not fact.nullable:
        raise HedgerowError(f"The leads have no '{fact.name}', which is never unknown: give it a column.")
    return f"CAST(NULL AS {kept}) AS {name}"


def _counts(facts: list[Fact], leads: pa.Table, database: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    counts = ", ".join(f"count_if({' OR '.join(_outside(fact, leads.column_names))})" for fact in facts)
    return database.execute(f"SELECT {counts} FROM admitted JOIN stated USING (row)").fetchone() or ()


def _outside(fact: Fact, given: list[str]) -> Iterator[str]:
    column = f"admitted.{quoted(fact.name)}"
    yield "false" if fact.nullable else f"{column} IS NULL"
    if fact.name in given:
        yield f"({column} IS NULL AND stated.{quoted(fact.name)} IS NOT NULL)"
    if fact.type == "number":
        yield f"NOT {column} BETWEEN {fact.least:f} AND {fact.most:f}"
    if fact.whole:
        yield f"{column} <> floor({column})"
    if fact.values is not None:
        yield f"{column} NOT IN ({', '.join(literal(value) for value in fact.values)})"


def _possible(fact: Fact) -> str:
    kind = {"number": "a whole number" if fact.whole else "a number", "text": "a text", "boolean": "true or false"}
    bounds = f" from {plain(fact.least)} to {plain(fact.most)}" if fact.type == "number" else ""
    listed = f"one of {', '.join(fact.values)}" if fact.values is not None else f"{kind[fact.type]}{bounds}"
    return f"{listed}{' or nothing' if fact.nullable else ''}"
