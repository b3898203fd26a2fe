"""The maps of the examples import their sets with the counts that are known, and a second time nothing."""

import csv
from pathlib import Path

import pytest

from hedgerow.collect import guess, import_file, load_map
from hedgerow.ledger import Workspace
from tests.conftest import MAPS, SHARED, real_data

SETS = {
    "airline_tweets": ("touch", "posts/airline_tweets.csv.gz", 14_485, 155),
    "apache_2015": ("touch", "logs/apache_2015.log.gz", 10_000, 0),
    "campaigns_feb2021": ("spend", "spend/campaigns_feb2021.csv", 308, 0),
    "cdnow_purchases": ("touch", "deals/cdnow_purchases.txt.gz", 69_659, 0),
    "crm_sales_pipeline": ("deal", "deals/crm_sales_pipeline.csv.gz", 8_766, 0),
    "journeys_july2018": ("touch", "attribution/journeys_july2018.csv.gz", 62_483, 0),
}
TOTALS = {
    "cdnow_purchases": ("touches", "sum(value)", 250_031_563),
    "campaigns_feb2021": ("spend", "sum(reported_leads)", 65_579),
    "journeys_july2018": ("touches", "sum(value)", 1_142_350),
    "crm_sales_pipeline": ("deals", "count(*) FILTER (won)", 1_290),
}


@pytest.mark.parametrize("name", SETS)
def test_a_map_imports_its_set_once(workspace: Workspace, name: str) -> None:
    kind, path, kept, more = SETS[name]
    file, found = real_data(path), load_map(MAPS / f"{name}.toml")
    report = import_file(workspace, kind, file, found)
    assert (report.kept, report.repeated + report.dropped) == (kept, more)
    again = import_file(workspace, kind, file, found)
    assert (again.kept, again.repeated + again.dropped) == (0, kept + more)
    if name in TOTALS:
        table, sum_, total = TOTALS[name]
        assert int(workspace.engine.sql(f"SELECT {sum_} AS n FROM {table}")["n"][0].as_py()) == total


@pytest.mark.slow
def test_the_map_of_half_a_million_tweets_imports_them_once(workspace: Workspace) -> None:
    file, found = real_data("cascades/higgs_activity.txt.gz"), load_map(MAPS / "higgs_activity.toml")
    assert import_file(workspace, "touch", file, found).kept == 563_069
    assert import_file(workspace, "touch", file, found).kept == 0
    most = "SELECT object, count(*) AS n FROM touches WHERE verb = 'announce' GROUP BY object ORDER BY n DESC LIMIT 2"
    assert [tuple(row.values()) for row in workspace.engine.sql(most).to_pylist()] == [
        ("twitter:88", 18_977),
        ("twitter:677", 7_427),
    ]


def test_a_wide_table_of_spend_gives_a_row_a_channel_and_week(workspace: Workspace) -> None:
    file = real_data("spend/robyn_weekly.csv")
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    spent = {
        name: [float(row[name]) for row in rows if float(row[name]) > 0] for name in rows[0] if name.endswith("_S")
    }
    assert len(spent) == 5
    report = import_file(workspace, "spend", file, load_map(MAPS / "robyn_weekly.toml"))
    assert (report.kept, report.dropped) == (sum(map(len, spent.values())), 0)
    total = workspace.engine.sql("SELECT sum(cost) AS n FROM spend")["n"][0].as_py()
    assert int(total) == sum(round(100 * cost) for costs in spent.values() for cost in costs)


def test_every_map_of_the_examples_is_tried_and_told_of() -> None:
    told = (MAPS / "README.md").read_text("utf-8")
    names = {file.stem for file in MAPS.glob("*.toml")}
    assert names == {*SETS, "higgs_activity", "robyn_weekly"}
    assert [name for name in names if f"`{name}`" not in told] == []


GUESSED = ("airline_tweets", "apache_2015", "campaigns_feb2021", "crm_sales_pipeline", "journeys_july2018")


@pytest.mark.parametrize("name", GUESSED)
def test_a_guessed_map_imports_most_rows_as_it_stands(workspace: Workspace, tmp_path: Path, name: str) -> None:
    kind, path, kept, _ = SETS[name]
    file = real_data(path)
    (tmp_path / "map.toml").write_text(guess(file), "utf-8")
    report = import_file(workspace, kind, file, load_map(tmp_path / "map.toml"))
    assert report.kept >= 0.95 * kept


def test_sets_without_times_are_guessed_to_lack_them() -> None:
    if not SHARED.exists():
        pytest.skip("the real data is not beside this repository")
    said = guess(real_data("leads/x_education_oldest80.csv.gz"))
    assert "No column was found that holds times" in said
    assert "# occurred_at = …" in said
