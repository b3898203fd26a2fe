"""Charts: what is drawn, in which colours, and what is said of what is not."""

import json
from datetime import date
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from hedgerow.measures import Answer, Asked, Chart, Column, Measure
from hedgerow.web.charts import COLOURS, SERIES, Drawing, colours_of, drawing


def _drawn(chart: Chart, units: dict[str, Any], rows: list[dict[str, Any]]) -> Drawing | None:
    columns = tuple(Column(name, unit, name) for name, unit in units.items())
    measure = Measure("What?", "Says.", columns, chart, lambda scope: pa.table({}))
    table = pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in units])) if not rows else None
    return drawing(Answer("what", measure, Asked(), table or pa.Table.from_pylist(rows), 1), "EUR")


def test_a_day_without_rows_keeps_its_place_on_the_axis() -> None:
    rows = [{"day": date(2026, 3, n), "channel": "Email", "touches": n} for n in (1, 4)]
    chart = Chart("area", "day", ("touches",), split="channel")
    drawn = _drawn(chart, {"day": "day", "channel": "text", "touches": "count"}, rows)
    assert drawn
    spec = json.loads(drawn.json)
    assert spec["x"] == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]
    assert spec["series"][0]["data"] == [1, 0, 0, 4]
    assert "The highest is Email at 2026-03-04 with 4." in drawn.says


def test_one_currency_is_drawn_and_the_others_are_named() -> None:
    rows = [{"channel": "Email", "currency": code, "cost": 1250} for code in ("EUR", "JPY", "USD")]
    drawn = _drawn(Chart("bar", "channel", ("cost",)), {"channel": "text", "currency": "text", "cost": "money"}, rows)
    assert drawn
    assert json.loads(drawn.json)["series"][0]["data"] == [12.5]
    assert drawn.left_out == "Drawn in EUR; the table has JPY, USD too."


def test_what_there_is_none_of_is_not_drawn_as_zero() -> None:
    rows: list[dict[str, Any]] = [{"channel": "Email", "cost": 2.0}, {"channel": "Direct", "cost": None}]
    chart = Chart("bar", "channel", ("cost",))
    drawn = _drawn(chart, {"channel": "text", "cost": "number"}, rows)
    assert drawn is None or None not in json.loads(drawn.json)["series"][0]["data"]
    assert _drawn(chart, {"channel": "text", "cost": "number"}, rows[1:]) is None


def test_series_that_are_left_to_the_table_are_counted() -> None:
    rows = [{"day": date(2026, 3, 1), "channel": f"c{n}", "touches": n + 1} for n in range(SERIES + 3)]
    chart = Chart("area", "day", ("touches",), split="channel")
    drawn = _drawn(chart, {"day": "day", "channel": "text", "touches": "count"}, rows)
    assert drawn
    assert drawn.left_out == f"{SERIES} of {SERIES + 3} values of channel are drawn; the table has them all."


@pytest.mark.parametrize("names", [["Audio", "AI Assistants", "Paid Search"], [f"c{n}" for n in range(COLOURS)]])
def test_no_two_channels_of_a_chart_share_a_colour(names: list[str]) -> None:
    assert len(set(colours_of(names).values())) == len(names)


def test_a_common_channel_has_its_colour_whatever_stands_beside_it() -> None:
    for beside in combinations(["Audio", "SMS", "Dark", "x"], 2):
        assert colours_of(["Email", *beside])["Email"] == colours_of(["Email"])["Email"]
