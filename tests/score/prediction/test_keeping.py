"""Keeping: trained from the ledger, kept by version, watched, and asked to be trained again when that is due."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from hedgerow import mill
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace, open_workspace
from hedgerow.score import prediction
from tests.score.prediction.markets import arrived, did, market, on, told

NOW = on(400)


@pytest.fixture(scope="module")
def _market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market") / "workspace"
    made = create_workspace(folder, "Market")
    arrived(made, market())
    prediction.retrain(made, NOW)
    made.close()
    return folder


@pytest.fixture
def trained(_market: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of its own with a made-up market in it, and a model trained on day 400."""
    shutil.copytree(_market, tmp_path / "market")
    opened = open_workspace(tmp_path / "market")
    yield opened
    opened.close()


def test_a_market_is_predicted_with_reasons_that_name_what_drives_it(trained: Workspace) -> None:
    kept = prediction.latest(trained)
    assert kept
    assert kept.number == 1
    assert kept.model.quality.auc > 0.7
    assert kept.model.quality.ece < 0.1
    assert kept.model.horizon_days == 30
    told(trained, [did("keen", "view", 398), did("keen", "submit", 399), did("cold", "view", 340)])
    keen, cold = (prediction.why(trained, f"email:{who}@example.org", NOW) for who in ("keen", "cold"))
    assert keen.probability > 2 * cold.probability
    assert any(reason.points > 0 and "form" in reason.column for reason in keen.reasons)
    assert any(reason.points < 0 for reason in cold.reasons)
    everybody = prediction.predicted(trained, NOW)
    assert keen.probability in everybody["probability"].to_pylist()
    assert len(set(everybody["person"].to_pylist())) == len(everybody)


def test_who_has_converted_or_is_not_known_is_not_predicted(trained: Workspace) -> None:
    told(trained, [did("done", "purchase", 395)])
    with pytest.raises(HedgerowError, match="has converted, or did nothing for 90 days"):
        prediction.why(trained, "email:done@example.org", NOW)
    with pytest.raises(HedgerowError, match=r"Nobody is known as 'email:nobody@example.org'"):
        prediction.why(trained, "email:nobody@example.org", NOW)


def test_a_model_is_the_same_after_rebuild(trained: Workspace) -> None:
    before = prediction.latest(trained)
    mill.rebuild(trained)
    again = prediction.retrain(trained, NOW)
    assert before
    assert again.number == 2
    assert again.model == before.model
    assert sorted(file.name for file in (trained.folder / "models").glob("prediction-*")) == [
        "prediction-1.json",
        "prediction-2.json",
    ]


def test_training_is_due_where_there_is_no_model_or_an_old_one(trained: Workspace, workspace: Workspace) -> None:
    assert prediction.due(workspace, NOW) == "there is no model yet"
    assert prediction.due(trained, NOW) == ""
    assert prediction.due(trained, NOW + timedelta(days=31)) == "the model is 31 days old"


def test_a_refusal_is_noted_and_not_tried_again_for_a_day(workspace: Workspace) -> None:
    told(workspace, [did("ann", "view", 10), did("ann", "purchase", 50), did("bob", "view", 300)])
    with pytest.raises(HedgerowError, match="too little history"):
        prediction.retrain(workspace, NOW)
    refused = prediction.last_refusal(workspace)
    assert refused
    assert "too little history" in refused.sentence
    assert prediction.due(workspace, NOW) == ""
    assert prediction.due(workspace, NOW + timedelta(days=1)) == "there is no model yet"
    assert prediction.latest(workspace) is None


def test_a_refusal_leaves_the_model_there_was_in_use(trained: Workspace) -> None:
    with pytest.raises(HedgerowError):
        prediction.retrain(trained, NOW, 200)
    kept = prediction.latest(trained)
    assert kept
    assert kept.number == 1
    assert kept.model.horizon_days == 30


def test_people_who_are_others_than_it_learned_from_make_training_due(trained: Workspace) -> None:
    steady = prediction.watch(trained, NOW)
    assert steady.whole < prediction.BAR
    assert steady.sentence == ""
    crowd = [did(f"new{n}", "view", 396 + n / 1000 + k / 100, channel="Review") for n in range(600) for k in range(12)]
    told(trained, crowd, day=399)
    assert prediction.due(trained, NOW + timedelta(hours=30)).startswith("those it is asked about are others")
    seen = prediction.last_drift(trained)
    assert seen
    assert seen.columns[0].stability > prediction.BAR
    prediction.retrain(trained, NOW + timedelta(hours=30))
    assert prediction.last_drift(trained) is None


def test_what_has_come_since_is_held_against_what_was_said(trained: Workspace) -> None:
    """After training nobody buys any more: the new examples show it, and say so."""
    later = [touch for touch in market(people=500, days=80, seed=9) if touch.verb != "purchase"]
    moved = [msgspec.structs.replace(touch, occurred_at=touch.occurred_at + timedelta(days=400)) for touch in later]
    arrived(trained, moved)
    seen = prediction.watch(trained, on(500))
    assert seen.since
    assert seen.since.rows > 100
    assert seen.since.outcomes < 20
    said = sum(each.rows * each.said for each in seen.since.tenths) / seen.since.rows
    assert said > 3 * seen.since.outcomes / seen.since.rows


def test_no_word_of_a_person_is_in_a_model_file(trained: Workspace) -> None:
    for file in (trained.folder / "models").glob("*.json"):
        assert "example.org" not in file.read_text("utf-8")
