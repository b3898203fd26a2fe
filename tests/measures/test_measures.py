"""Measures on the village: they add up, divide by nothing into none, and open to the touches behind them."""

import csv
import io
import json
from datetime import date

import pyarrow as pa
import pytest

from hedgerow.attribution import UNATTRIBUTED, model_shelf
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.measures import Asked, ask, behind, export, in_words, shelf
from hedgerow.measures.spending import ALL


def _rows(workspace: Workspace, name: str, **asked: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = ask(workspace, name, Asked(**asked)).rows.to_pylist()  # type: ignore[arg-type]
    return rows


@pytest.mark.parametrize("name", shelf())
def test_every_measure_answers_on_the_village_and_by_everything_it_offers(
    village_workspace: Workspace, name: str
) -> None:
    for by in shelf()[name].by or (None,):
        answer = ask(village_workspace, name, Asked(by=by))
        assert answer.rows.column_names == [column.name for column in answer.measure.columns]
        assert answer.rows.num_rows > 0


@pytest.mark.parametrize("name", shelf())
def test_every_measure_answers_on_an_empty_ledger(workspace: Workspace, name: str) -> None:
    assert ask(workspace, name, Asked()).rows.num_rows <= len(model_shelf())


def test_every_model_credits_all_outcomes_by_whatever_they_are_asked(village_workspace: Workspace) -> None:
    won = village_workspace.engine.sql("SELECT currency, sum(amount) AS value FROM deals WHERE won GROUP BY ALL")
    bought = village_workspace.engine.sql(
        "SELECT t.currency, sum(t.value) AS value FROM touches t JOIN marks USING (touch_id) "
        "WHERE t.verb = 'purchase' AND NOT automaton GROUP BY ALL"
    )
    whole: dict[str, int] = {}
    for row in [*won.to_pylist(), *bought.to_pylist()]:
        whole[row["currency"]] = whole.get(row["currency"], 0) + int(row["value"])
    assert whole
    for by in ("channel", "channel_group", "campaign"):
        for model in model_shelf():
            rows = _rows(village_workspace, "credit_by_channel", by=by, model=model)
            for currency, value in whole.items():
                assert sum(int(str(row["value"])) for row in rows if row["currency"] == currency) == value


def test_cost_by_channel_and_campaign_is_what_was_spent(village_workspace: Workspace) -> None:
    spent = village_workspace.engine.sql("SELECT currency, sum(cost) AS cost FROM spend GROUP BY ALL").to_pylist()
    for by in ("channel", "channel_group", "campaign"):
        rows = _rows(village_workspace, "cost_per_lead", by=by)
        for row in spent:
            mine = [r for r in rows if r["currency"] == row["currency"]]
            assert sum(int(str(r["cost"])) for r in mine if r["channel"] != ALL) == row["cost"]
            assert [r["cost"] for r in mine if r["channel"] == ALL] == [row["cost"]]


def test_division_by_nothing_is_none_and_never_zero(village_workspace: Workspace) -> None:
    for name, ratio, parts in (
        ("cost_per_lead", "cost_per_lead", "leads"),
        ("cost_per_customer", "cost_per_customer", "customers"),
        ("return_on_spend", "return_on_spend", "cost"),
    ):
        rows = _rows(village_workspace, name)
        assert any(row[ratio] is not None for row in rows)
        assert all(row[ratio] is None for row in rows if not row[parts])
    answer = ask(village_workspace, "cost_per_lead", Asked())
    assert in_words.NONE in {cell for row in in_words.table(answer)[1] for cell in row}


def test_a_period_takes_the_outcomes_of_its_days(village_workspace: Workspace) -> None:
    whole = _rows(village_workspace, "path_length")
    parts = [
        _rows(village_workspace, "path_length", since=since, until=until)
        for since, until in ((None, date(2026, 4, 30)), (date(2026, 5, 1), None))
    ]
    count = [sum(int(str(row["outcomes"])) for row in rows) for rows in (whole, *parts)]
    assert count[0] == count[1] + count[2] > 0


def test_touches_by_day_follow_the_zone_of_the_workspace(village_workspace: Workspace) -> None:
    rows = _rows(village_workspace, "touches_by_channel")
    counted = village_workspace.engine.sql(
        "SELECT timezone('Europe/Berlin', occurred_at)::DATE AS day, channel, count(*) AS touches FROM marks "
        "WHERE channel IS NOT NULL AND NOT automaton GROUP BY ALL ORDER BY day, channel"
    )
    assert [(row["day"], row["channel"], row["touches"]) for row in rows] == [
        (row["day"], row["channel"], row["touches"]) for row in counted.to_pylist()
    ]


def test_behind_a_credited_amount_are_touches_that_sum_to_it(village_workspace: Workspace) -> None:
    rows = _rows(village_workspace, "credit_by_channel", model="linear")
    row = next(row for row in rows if row["channel"] != UNATTRIBUTED)
    said = {name: str(row[name]) for name in ("model", "channel", "currency")}
    touches = behind(village_workspace, "credit_by_channel", Asked(), said)
    assert pa.compute.sum(touches["credit"]).as_py() == row["value"]
    assert int(touches.schema.metadata[b"all"]) == len(touches)


def test_behind_a_count_of_touches_are_as_many_touches(village_workspace: Workspace) -> None:
    row = _rows(village_workspace, "touches_by_channel")[0]
    touches = behind(
        village_workspace, "touches_by_channel", Asked(), {"day": str(row["day"]), "channel": str(row["channel"])}
    )
    assert len(touches) == row["touches"]


def test_an_answer_is_the_same_as_csv_json_and_table(village_workspace: Workspace) -> None:
    answer = ask(village_workspace, "credit_by_channel", Asked(model="markov"))
    from_csv = list(csv.DictReader(io.StringIO(export(answer, "csv").decode())))
    from_json = json.loads(export(answer, "json"))
    assert [float(row["value"]) for row in from_csv] == [row["value"] for row in from_json]
    assert [row[-1].split()[0].replace(",", "") for row in in_words.table(answer)[1]] == [
        row["value"] for row in from_csv
    ]


def test_a_spreadsheet_gets_no_formula_from_a_hostile_channel(workspace: Workspace) -> None:
    measure = shelf()["journeys_by_channel"]
    answer = ask(workspace, "journeys_by_channel", Asked())
    hostile = pa.table({"channel": ["=HYPERLINK(1)"], "journeys": [1], "converted": [0], "conversion": [0.0]})
    assert (
        b"\n'=HYPERLINK(1)," in b"\n" + export(type(answer)("x", measure, Asked(), hostile, 0), "csv").split(b"\n")[1]
    )


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("nothing", Asked(), "No measure is called 'nothing'"),
        ("credit_by_channel", Asked(by="chanel"), "Did you mean 'channel'"),
        ("path_length", Asked(model="linear"), "leave the model out"),
        ("path_length", Asked(since=date(2026, 2, 1), until=date(2026, 1, 1)), "turn them round"),
    ],
)
def test_a_wrong_question_is_one_sentence(workspace: Workspace, name: str, asked: Asked, says: str) -> None:
    with pytest.raises(HedgerowError, match=says):
        ask(workspace, name, asked)


def test_an_answer_is_kept_until_the_ledger_changes(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = create_workspace(tmp_path_factory.mktemp("kept"), "Test")
    first = ask(workspace, "path_length", Asked())
    kept = list((workspace.folder / "cache").glob("path_length-*.parquet"))
    assert len(kept) == 1
    assert ask(workspace, "path_length", Asked()).rows == first.rows
    workspace.close()
