"""Charts: an answer as what the browser draws, and the sentence for those who don't see it."""

import zlib
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from hedgerow.attribution import UNATTRIBUTED
from hedgerow.kit import money
from hedgerow.measures import Answer, Column

MOST = 24
"""Bars drawn at the most; the table has every row."""
SERIES = 12
_COMMON = (
    "Email", "Organic Social", "Dark", "Paid Social", "Organic Search", "Paid Search", "Advocate", "Community",
    "Review", "Referral", "Direct", "Display",
)  # fmt: skip
COLOURS = len(_COMMON)


@dataclass(frozen=True)
class Drawing:
    """What is drawn: the chart as JSON for the browser, a description, and what was left to the table."""

    json: str
    says: str
    left_out: str


def drawing(answer: Answer, currency: str) -> Drawing | None:
    """Return an answer's chart, in one currency where it is of money; None where there is nothing to draw."""
    chart, rows = answer.measure.chart, answer.rows.to_pylist()
    columns = {column.name: column for column in answer.measure.columns}
    unit, others = columns[chart.y[0]].unit, ""
    if unit == "money":
        rows, currency, others = _of_one_currency(rows, currency)
    rows = [row for row in rows if row[chart.x] != "(all)" and any(row[name] is not None for name in chart.y)]
    if not rows:
        return None
    xs = _ordered(rows, answer)
    kept = xs if chart.kind != "bar" else xs[:MOST]
    series = _split(rows, answer, kept, currency) if chart.split else _each(rows, answer, kept, columns, currency)
    drawn = {
        "kind": chart.kind,
        "x": kept,
        "series": series,
        "unit": unit,
        "currency": currency if unit == "money" else "",
        "axis": columns[chart.x].name,
    }
    split = {row[chart.split] for row in rows} if chart.split else series
    left = (_some(kept, xs, chart.x), _some(series, split, chart.split), others)
    return Drawing(msgspec.json.encode(drawn).decode(), _said(answer, series, kept, unit), " ".join(filter(None, left)))


def _some(drawn: Sized, there: Sized, of: str | None) -> str:
    few = len(drawn) < len(there)
    return f"{len(drawn)} of {len(there)} values of {of} are drawn; the table has them all." if few else ""


def _ordered(rows: list[dict[str, Any]], answer: Answer) -> list[str]:
    """Return what stands along the axis: as the rows have it, or where they are split, the largest sum first."""
    chart = answer.measure.chart
    if all(isinstance(row[chart.x], date) for row in rows):
        return _every_day([row[chart.x] for row in rows])
    xs = list(dict.fromkeys(_text(row[chart.x]) for row in rows))
    if chart.kind != "bar" or not chart.split:
        return xs
    sums = dict.fromkeys(xs, 0)
    for row in rows:
        sums[_text(row[chart.x])] += row[chart.y[0]] or 0
    return sorted(xs, key=lambda x: (x == UNATTRIBUTED, -sums[x]))


def _every_day(days: list[date]) -> list[str]:
    # A day without rows keeps its place on the axis; without it a quiet month would look like an hour.
    first, last = min(days), max(days)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _of_one_currency(rows: list[dict[str, Any]], wanted: str) -> tuple[list[dict[str, Any]], str, str]:
    there = [str(row["currency"]) for row in rows if row.get("currency")]
    chosen: str = wanted if wanted in there or not there else max(sorted(set(there)), key=there.count)
    others = ", ".join(sorted(set(there) - {chosen}))
    note = f"Drawn in {chosen}; the table has {others} too." if others else ""
    return [row for row in rows if row.get("currency") == chosen], chosen, note


def _each(
    rows: list[dict[str, Any]], answer: Answer, xs: list[str], columns: dict[str, Column], currency: str
) -> list[dict[str, Any]]:
    chart = answer.measure.chart
    values = {_text(row[chart.x]): row for row in rows}
    return [
        {
            "name": name.replace("_", " "),
            "colour": place,
            "data": [_number(values.get(x, {}).get(name), columns[name], currency) for x in xs],
        }
        for place, name in enumerate(chart.y)
    ]


def _split(rows: list[dict[str, Any]], answer: Answer, xs: list[str], currency: str) -> list[dict[str, Any]]:
    chart, y = answer.measure.chart, answer.measure.chart.y[0]
    column = next(column for column in answer.measure.columns if column.name == y)
    values: dict[str, dict[str, Any]] = {}
    for row in rows:
        values.setdefault(_text(row[chart.split or ""]), {})[_text(row[chart.x])] = row[y]
    largest = sorted(values, key=lambda name: -sum(abs(v or 0) for v in values[name].values()))[:SERIES]
    names = [name for name in values if name in largest]
    colours = colours_of(names) if chart.split == "channel" else dict(zip(names, range(SERIES), strict=False))
    return [
        {
            "name": name.replace("_", " "),
            "colour": colours[name],
            "data": [_number(values[name].get(x, 0 if chart.kind == "area" else None), column, currency) for x in xs],
        }
        for name in names
    ]


def _number(value: Any, column: Column, currency: str) -> float | None:
    if value is None:
        return None
    if column.unit != "money":
        return float(value)
    return float(value) / 10.0 ** money.EXPONENTS.get(currency, 2)


def _text(value: Any) -> str:
    return "none" if value is None else str(value)


def colours_of(names: Iterable[str]) -> dict[str, int]:
    """Return each channel's colour: its own on every page where it is common, else by its name, and free.

    At most `COLOURS` channels in one chart, each of which gets a colour that no other there has.
    """
    names = sorted(names)
    taken = {name: _COMMON.index(name) for name in names if name in _COMMON}
    for name in (name for name in names if name not in _COMMON):
        first = zlib.crc32(name.encode())
        wished = ((first + step) % COLOURS for step in range(COLOURS))
        taken[name] = next(place for place in wished if place not in taken.values())
    return taken


def _said(answer: Answer, series: list[dict[str, Any]], xs: list[str], unit: str) -> str:
    kinds = {"bar": "A bar chart", "line": "A line chart", "area": "A stacked area chart"}
    names = ", ".join(str(each["name"]) for each in series)
    over = f"over {len(xs)} values of {answer.measure.chart.x}, from {xs[0]} to {xs[-1]}"
    points = [
        (y, str(each["name"]), x) for each in series for y, x in zip(each["data"], xs, strict=True) if y is not None
    ]
    most = max(points)
    amount = f"{most[0]:.1%}" if unit == "share" else f"{most[0]:,.2f}".removesuffix(".00")
    highest = f"The highest is {most[1]} at {most[2]} with {amount}"
    return f"{kinds[answer.measure.chart.kind]} of {names} {over}. {highest}. The table holds the same numbers."
