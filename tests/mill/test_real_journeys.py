"""The main job on real journeys: every model's credit sums to all conversions and their value, to the cent."""

import pytest

from hedgerow import mill
from hedgerow.attribution import UNATTRIBUTED, credits_by, model_shelf, postings
from hedgerow.collect import import_file, load_map
from hedgerow.journeys import walk, way_of
from hedgerow.ledger import Workspace
from hedgerow.measures import Asked, ask
from tests.conftest import MAPS, real_data

CONVERSIONS, VALUE = 1_838, 1_142_350
SPECS = [*model_shelf(), "markov:2", "markov:3", "markov:4", "time_decay:1"]


@pytest.fixture
def july(workspace: Workspace) -> Workspace:
    file = real_data("attribution/journeys_july2018.csv.gz")
    import_file(workspace, "touch", file, load_map(MAPS / "journeys_july2018.toml"))
    mill.turn(workspace)
    return workspace


def test_every_model_credits_every_conversion_and_cent(july: Workspace) -> None:
    journeys = walk(july, way_of(july))
    for spec, credited in zip(SPECS, credits_by(journeys, SPECS), strict=True):
        rows = credited.rows(spec).to_pylist()
        assert sum(row["millionths"] for row in rows) == CONVERSIONS * 1_000_000, spec
        assert sum(row["value"] for row in rows) == VALUE, spec
        assert [row["channel"] for row in rows].count(UNATTRIBUTED) == 1, spec


def test_every_posting_of_an_outcome_sums_to_its_value(july: Workspace) -> None:
    posted = postings(july, walk(july, way_of(july)), "markov:2")
    sums = posted.group_by("outcome_id").aggregate([("value", "sum"), ("millionths", "sum")])
    stated = july.engine.sql("SELECT touch_id AS outcome_id, value FROM touches WHERE verb = 'purchase'")
    joined = stated.join(sums, "outcome_id")
    assert len(joined) == CONVERSIONS
    assert joined["value"].to_pylist() == joined["value_sum"].to_pylist()
    assert set(joined["millionths_sum"].to_pylist()) == {1_000_000}


def test_customers_who_convert_more_than_once_have_a_journey_each_time(july: Workspace) -> None:
    units: dict[int, int] = {}
    for paths in walk(july, way_of(july)):
        for unit in paths.unit[paths.converted].tolist():
            units[unit] = units.get(unit, 0) + 1
    assert sum(units.values()) == CONVERSIONS
    assert sum(count > 1 for count in units.values()) == 181


def test_the_measure_says_the_same(july: Workspace) -> None:
    rows = ask(july, "credit_by_channel", Asked(model="shapley")).rows.to_pylist()
    assert sum(row["value"] for row in rows) == VALUE
    assert sum(row["conversions"] for row in rows) == pytest.approx(CONVERSIONS)
    assert {row["channel"] for row in rows} == {
        "Facebook", "Instagram", "Online Display", "Online Video", "Paid Search", UNATTRIBUTED,
    }  # fmt: skip
