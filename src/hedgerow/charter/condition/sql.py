"""SQL: a condition written anew for DuckDB, from its tree; numbers are decimals, so what it decides is exact."""

from decimal import Decimal

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import PLACES, Answer

NUMBER = f"DECIMAL(18, {PLACES})"


def to_sql(condition: t.Condition) -> str:
    """Return a DuckDB expression over columns named for the facts: TRUE, FALSE or NULL.

    Number columns must be `NUMBER`, as `deciding` makes them.
    """
    return _sql(condition.tree)


def quoted(name: str) -> str:
    """Return a name as a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Answer) -> str:
    """Return a value as a DuckDB literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"CAST({value:f} AS {NUMBER})"
    return "'" + value.replace("'", "''") + "'"


def _sql(node: t.Node) -> str:
    parts = [_sql(part) for part in t.within(node)]
    match node:
        case t.Named(fact):
            return quoted(fact.name)
        case t.Value(value):
            return literal(value)
        case t.Plus():
            return f"({parts[0]} + {parts[1]})"
        case t.Times(factor, _):
            return f"({literal(factor)} * {parts[0]})"
        case t.Coalesce():
            return f"coalesce({', '.join(parts)})"
        case t.Compare(sign, _, _):
            return f"({parts[0]} {sign} {parts[1]})"
        case t.Same():
            return f"({parts[0]} IS NOT DISTINCT FROM {parts[1]})"
        case t.Among():
            return f"({parts[0]} IN ({', '.join(parts[1:])}))"
        case t.Like(_, pattern):
            return f"({parts[0]} LIKE {literal(pattern)})"
        case t.IsNull():
            return f"({parts[0]} IS NULL)"
        case t.Is(_, truth):
            return f"({parts[0]} IS {'TRUE' if truth else 'FALSE'})"
        case t.Not():
            return f"(NOT {parts[0]})"
        case t.All():
            return f"({' AND '.join(parts)})"
        case t.Any():
            return f"({' OR '.join(parts)})"
