"""Charters of other shapes than the village's: each keeps every law, and the village lives under it."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hedgerow import leads, mill
from hedgerow.charter import Charter, may_come_into_force, prove, read_file
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import open_workspace
from tests.conftest import ROOT

SHAPES = sorted((ROOT / "examples/charters").glob("*.yaml"))


@pytest.mark.parametrize("file", SHAPES, ids=lambda file: file.stem)
def test_the_village_lives_under_it(file: Path, _village_folder: Path, tmp_path: Path) -> None:
    charter = read_file(file)
    assert may_come_into_force(charter, prove(charter))
    shutil.copytree(_village_folder, tmp_path / "village")
    workspace = open_workspace(tmp_path / "village")
    last = workspace.engine.sql("SELECT max(occurred_at) AS at FROM touches")["at"][0].as_py()
    for later in (timedelta(hours=1), timedelta(days=20), timedelta(days=200)):
        with stopped_at(last + later):
            if later < timedelta(days=1):
                leads.sign(workspace, file.read_text("utf-8"), "user:imani")
            mill.turn(workspace)
        stands = workspace.engine.sql(f"FROM {leads.ACTIVE}").to_pylist()
        for lead in stands:
            _keeps(charter, lead)
    assert len(stands) > 100
    assert len({lead["stage"] for lead in stands}) >= 2
    query = "SELECT * FROM changes ORDER BY lead, step"
    live = workspace.engine.sql(query).to_pylist()
    with stopped_at(last + timedelta(days=200)):
        mill.rebuild(workspace)
    assert workspace.engine.sql(query).to_pylist() == live
    moved = {change["rule"] for change in live if change["verb"] == "progress"} - {"begin"}
    assert moved <= {*charter.transitions, *(clock for stage in charter.stages.values() for clock in stage.clocks)}
    assert len(moved) >= 3
    workspace.close()


def _keeps(charter: Charter, lead: dict[str, Any]) -> None:
    """Assert that somebody of its stage's team owns a lead, and that no rule keeps it out of what it is in."""
    assert lead["team"] in [line.team for line in charter.stages[lead["stage"]].owner]
    assert lead["owner"] in [*charter.teams[lead["team"]].people, charter.teams[lead["team"]].lead]
    guarded = {name for rule in lead["suppressed"] or () for name in charter.suppression[rule].from_}
    assert set(lead["audiences"]) <= set(charter.audiences) - guarded
