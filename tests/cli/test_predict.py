"""hedgerow predict: what it prints of a table, of a model and of somebody, and what it refuses."""

from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from typer.testing import CliRunner, Result

from hedgerow.cli import build
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import create_workspace
from tests.score.prediction.histories import history
from tests.score.prediction.markets import arrived, did, market, on, told


def _run(*words: object) -> Result:
    return CliRunner().invoke(build(), [str(word) for word in words], catch_exceptions=False)


def test_a_table_is_checked_and_its_leak_named(tmp_path: Path) -> None:
    table = history(rows=900, plant={"tag": lambda random, came: np.where(came, "won it", "open").tolist()})
    pyarrow.csv.write_csv(table, tmp_path / "leads.csv")
    said = _run("predict", "check", tmp_path / "leads.csv", "--outcome", "won", "--time", "number")
    assert said.exit_code == 0
    assert "it alone tells the outcome of newer rows" in said.output
    assert "logistic" in said.output
    few = tmp_path / "few.csv"
    pyarrow.csv.write_csv(table.slice(0, 100), few)
    refused = _run("predict", "check", few, "--outcome", "won", "--time", "number")
    assert refused.exit_code == 1
    assert "too little history" in refused.output


def test_a_model_is_trained_shown_and_asked_why(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w", "Market")
    arrived(workspace, market())
    told(workspace, [did("keen", "submit", 399)])
    workspace.close()
    with clock.stopped_at(on(400)):
        trained = _run("predict", "train", "-w", tmp_path / "w", "--if-due")
        assert "Due: there is no model yet." in trained.output
        assert "Model 1: learned from" in trained.output
        assert "No training is due." in _run("predict", "train", "-w", tmp_path / "w", "--if-due").output
        assert "stability index" in _run("predict", "show", "-w", tmp_path / "w").output
        why = _run("predict", "why", "email:keen@example.org", "-w", tmp_path / "w").output
    assert "converts within 30 days with a probability of" in why
    assert "  + forms 90 days is 1" in why


def test_what_can_not_be_done_is_refused_in_one_sentence(tmp_path: Path) -> None:
    create_workspace(tmp_path / "w", "Empty").close()
    (tmp_path / "leads.csv").write_text("a,b\n1,2\n")
    for words, sentence in (
        (("show", "-w", tmp_path / "w"), "No model has been trained yet"),
        (("train", "-w", tmp_path / "w"), "too little history"),
        (("check", tmp_path / "leads.csv", "--outcome", "c", "--time", "b"), "no column 'c'"),
        (("check", tmp_path / "none.csv", "--outcome", "a", "--time", "b"), "can't be read as a table"),
        (("check", tmp_path / "leads.csv", "--outcome", "a", "--time", "b", "--stated", "x"), "COLUMN=TIMECOLUMN"),
    ):
        with pytest.raises(HedgerowError, match=sentence):
            _run("predict", *words)
