"""The leakage check: leaks that were planted are named with their reason, and honest columns are left alone."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml

from hedgerow.score.prediction import suspects
from hedgerow.score.prediction.training import came_of
from tests.score.prediction.histories import history

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "leakage.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_planted_column(case: dict[str, Any]) -> None:
    def plant(random: np.random.Generator, came: Any) -> list[object]:
        known = {"came": came.tolist(), "chance": random.random(len(came)).tolist(), "zip": zip, "enumerate": enumerate}
        return list(eval(case["column"], {"__builtins__": {"int": int}}, known))

    table = history(plant={case["named"]: plant})
    found = {
        each.column: each.reasons for each in suspects(table.drop_columns(["won"]), came_of(table, "won"), "number")
    }
    assert set(found) == ({case["named"]} if case["because"] else set())
    said = "; ".join(found.get(case["named"], ()))
    assert all(part in said for part in case["because"])


def test_a_table_made_as_of_its_rows_times_is_not_suspect_by_names() -> None:
    table = history(
        plant={
            "last channel": lambda random, came: np.where(came == (random.random(len(came)) < 0.7), "a", "b").tolist()
        }
    )
    rows, came = table.drop_columns(["won"]), came_of(table, "won")
    assert [each.column for each in suspects(rows, came, "number")] == ["last channel"]
    assert suspects(rows, came, "number", as_of=True) == ()


def _timed(late: float) -> pa.Table:
    random, table = np.random.default_rng(2), history()
    begun = datetime(2026, 1, 1)
    at = [begun + timedelta(hours=n) for n in range(len(table))]
    call = [instant + timedelta(days=5 if random.random() < late else -5) for instant in at]
    return table.append_column("at", [at]).append_column("called", [call])


def test_a_time_after_the_rows_own_is_suspect() -> None:
    for late, named in ((0.3, ["called"]), (0.0, [])):
        table = _timed(late)
        found = suspects(table.drop_columns(["won", "number"]), came_of(table, "won"), "at")
        assert [each.column for each in found] == named


def test_a_column_that_was_stated_after_the_outcome_is_suspect_whatever_it_tells() -> None:
    for late, named in ((0.3, ["region"]), (0.0, [])):
        table = _timed(late)
        rows = (
            table.drop_columns(["won", "number"])
            .rename_columns({"at": "won_at"})
            .append_column("number", table["number"])
        )
        found = suspects(rows, came_of(table, "won"), "number", stated={"region": "called"}, came_at="won_at")
        assert [each.column for each in found] == named
        assert all("after the outcome in" in reason for each in found for reason in each.reasons)
