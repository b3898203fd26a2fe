"""An answer in words: each value as a person reads it, and as plain data."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hedgerow.kit import load_shelf, money
from hedgerow.measures.measure import Answer, Column, Measure, Unit

NONE = "none"
_NUMERIC = ("count", "number", "money", "share", "ratio", "days")


def plain(row: dict[str, Any], column: Column) -> object:
    """Return a value as data: money as a decimal in major units of the row's currency, None where there is none."""
    value = row[column.name]
    if value is None or column.unit != "money":
        return value
    return Decimal(int(value)).scaleb(-money.EXPONENTS.get(row.get("currency") or "", 2))


def said(row: dict[str, Any], column: Column) -> str:
    """Return a value as a person reads it; what there is none of is "none", never zero."""
    value = row[column.name]
    return NONE if value is None else _SAID[column.unit](value, row)


def table(answer: Answer) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """Return an answer's column names, each with whether it is of numbers, and its rows in words."""
    columns = answer.measure.columns
    rows = [[said(row, column) for column in columns] for row in answer.rows.to_pylist()]
    return [(column.name, column.unit in _NUMERIC) for column in columns], rows


def listing() -> list[list[str]]:
    """Return every measure's name and question."""
    measures = load_shelf("hedgerow.measures.measures", Measure)
    return [[name, measure.question] for name, measure in measures.items()]


def _day(value: Any, _: dict[str, Any]) -> str:
    return (value if isinstance(value, date) else date(1970, 1, 1) + timedelta(days=int(value))).isoformat()


def _money(value: Any, row: dict[str, Any]) -> str:
    return money.in_words(int(value), row.get("currency") or "")


_SAID: dict[Unit, Callable[[Any, dict[str, Any]], str]] = {
    "text": lambda value, _: str(value),
    "day": _day,
    "count": lambda value, _: f"{value:,}",
    "number": lambda value, _: f"{value:,.2f}",
    "money": _money,
    "share": lambda value, _: f"{value:.1%}",
    "ratio": lambda value, _: f"{value:,.2f}",
    "days": lambda value, _: f"{value:,.1f} days",
}
