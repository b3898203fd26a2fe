"""Charts: an answer as what the browser draws, and the sentence for those who don't see it."""

import zlib
from dataclasses import dataclass
from typing import Any

import msgspec

from hedgerow.attribution import UNATTRIBUTED
from hedgerow.kit import money
from hedgerow.measures import Answer, Column

MOST = 24
"""Bars drawn at the most; the table has every row."""
SERIES = 12
_COMMON = (
    "Email", "Dark", "Organic Social", "Paid Social", "Organic Search", "Paid Search", "Advocate", "Community",
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
    unit = columns[chart.y[0]].unit
    if unit == "money":
        rows, currency = _of_one_currency(rows, currency)
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
    left = f"The first {MOST} of {len(xs)} are drawn; the table has them all." if len(kept) < len(xs) else ""
    return Drawing(msgspec.json.encode(drawn).decode(), _said(answer, series, kept), left)


def _ordered(rows: list[dict[str, Any]], answer: Answer) -> list[str]:
    """Return what stands along the axis: as the rows have it, or where they are split, the largest sum first."""
    chart = answer.measure.chart
    xs = list(dict.fromkeys(_text(row[chart.x]) for row in rows))
    if chart.kind != "bar" or not chart.split:
        return xs
    sums = dict.fromkeys(xs, 0)
    for row in rows:
        sums[_text(row[chart.x])] += row[chart.y[0]] or 0
    return sorted(xs, key=lambda x: (x == UNATTRIBUTED, -sums[x]))


def _of_one_currency(rows: list[dict[str, Any]], wanted: str) -> tuple[list[dict[str, Any]], str]:
    there = [str(row["currency"]) for row in rows if row.get("currency")]
    chosen: str = wanted if wanted in there or not there else max(sorted(set(there)), key=there.count)
    return [row for row in rows if row.get("currency") == chosen], chosen


def _each(
    rows: list[dict[str, Any]], answer: Answer, xs: list[str], columns: dict[str, Column], currency: str
) -> list[dict[str, Any]]:
    chart = answer.measure.chart
    values = {_text(row[chart.x]): row for row in rows}
    return [
        {
            "name": name.replace("_", " "),
            "colour": place,
            "data": [_number(values[x][name], columns[name], currency) for x in xs],
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
    return [
        {
            "name": name.replace("_", " "),
            "colour": _colour(name) if chart.split == "channel" else place,
            "data": [_number(values[name].get(x, 0 if chart.kind == "area" else None), column, currency) for x in xs],
        }
        for place, name in enumerate(name for name in values if name in largest)
    ]


def _number(value: Any, column: Column, currency: str) -> float | None:
    if value is None:
        return None
    if column.unit != "money":
        return float(value)
    return float(value) / 10.0 ** money.EXPONENTS.get(currency, 2)


def _text(value: Any) -> str:
    return "none" if value is None else str(value)


def _colour(name: str) -> int:
    """Return the colour a channel has on every page: its own where it is a common group, else by its name."""
    return _COMMON.index(name) if name in _COMMON else zlib.crc32(name.encode()) % COLOURS


def _said(answer: Answer, series: list[dict[str, Any]], xs: list[str]) -> str:
    kinds = {"bar": "A bar chart", "line": "A line chart", "area": "A stacked area chart"}
    names = ", ".join(str(each["name"]) for each in series)
    over = f"over {len(xs)} values of {answer.measure.chart.x}, from {xs[0]} to {xs[-1]}"
    return f"{kinds[answer.measure.chart.kind]} of {names} {over}. The table below holds the same numbers."
