"""A process that is killed (SIGKILL) at random points of import and move loses nothing, and writes nothing twice."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hedgerow.collect import import_file
from hedgerow.ledger import Workspace, create_workspace, open_workspace
from tests.conftest import ROOT
from tests.ledger.holding import (
    MAP,
    Row,
    assert_indexes_equal_the_lake,
    assert_no_turn_is_open,
    live,
    table_of,
    turned,
)
from tests.ledger.victim import request_rows

FILES, ROWS = 5, 400


def _files(folder: Path) -> Path:
    """Write files that overlap: each shares half its rows with the next, one row in ten is there twice."""
    for number in range(FILES):
        places = range(number * ROWS // 2, number * ROWS // 2 + ROWS)
        rows: list[Row] = [(f"i{p}" if p % 3 else "", p, f"c{p}", "", "Social", "") for p in places]
        doubled = [row for place, row in zip(places, rows, strict=True) if place % 10 == 0]
        (folder / f"{number}.csv").write_text(table_of([*rows, *doubled]))
    return folder


def _kill(folder: Path, files: Path, said: Path, round_: int, chance: random.Random) -> None:
    lines = said.read_text().count("ready") if said.exists() else 0
    command = [sys.executable, "-m", "tests.ledger.victim", str(folder), str(files), str(said), str(round_)]
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    victim = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE)
    while (said.read_text().count("ready") if said.exists() else 0) == lines:
        assert victim.poll() is None, victim.stderr.read().decode() if victim.stderr else ""
        time.sleep(0.01)
    time.sleep(chance.random() * 0.8)
    died = victim.poll()
    victim.kill()
    _, complaint = victim.communicate()
    assert died is None, complaint.decode()


def _people(rows: list[Row]) -> list[str]:
    return [f"customer:{row[2]}" for row in rows]


def _check(workspace: Workspace, files: Path, said: Path) -> None:
    for file in sorted(files.glob("*.csv")):
        import_file(workspace, "touch", file, MAP)
    turned(workspace)
    assert_no_turn_is_open(workspace)
    assert_indexes_equal_the_lake(workspace)
    kept = live(workspace)
    assert set(kept.values()) == {1}, "a touch is there twice"
    actors = [str(row[4]) for row in kept]
    requested = [actor for actor in actors if actor.startswith("customer:w")]
    assert len(requested) == len(set(requested)), "a request that was repeated counts twice"
    accepted = [line.split()[1] for line in said.read_text().splitlines() if line.startswith("accept")]
    assert {actor for number in accepted for actor in _people(request_rows(number))} <= set(requested)
    last = FILES * ROWS // 2 + ROWS // 2
    twice = [place for place in range(last) if place % 10 == 0 and not place % 3]
    assert sorted(actor for actor in actors if actor.startswith("customer:c")) == sorted(
        f"customer:c{place}" for place in [*range(last), *twice]
    )


def _killed(tmp_path: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    files = tmp_path / "files"
    files.mkdir()
    _files(files)
    create_workspace(tmp_path / "workspace", "Test").close()
    said = tmp_path / "said"
    for round_ in range(times):
        _kill(tmp_path / "workspace", files, said, round_, chance)
    workspace = open_workspace(tmp_path / "workspace")
    _check(workspace, files, said)
    workspace.close()


def test_a_process_killed_a_few_times_loses_nothing(tmp_path: Path) -> None:
    _killed(tmp_path, times=3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_process_killed_sixty_times_loses_nothing(tmp_path: Path, seed: int) -> None:
    _killed(tmp_path, times=15, seed=100 + seed)
