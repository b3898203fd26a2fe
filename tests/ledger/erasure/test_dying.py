"""A forgetting that dies at any step, or is killed, is gone on with: the person is nowhere, all else as it was."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable

from hedgerow import mill
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, ask_to_forget, erasures, open_workspace
from hedgerow.people import person_with
from tests.conftest import ROOT
from tests.ledger.dying import Died, Steps, _wrap, dying
from tests.ledger.erasure.planting import MAIL, SAID, plant, touch
from tests.ledger.erasure.searching import found
from tests.ledger.holding import assert_indexes_equal_the_lake, assert_no_turn_is_open

pytestmark = pytest.mark.slow

SOME, ALL = 5, 1_000


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which the person stands everywhere, and was asked to be forgotten."""
    folder = tmp_path_factory.mktemp("asked")
    workspace = plant(folder)
    ask_to_forget(workspace, person_with(workspace, f"email:{MAIL}"), "user:meg", "asked")
    workspace.close()
    return folder


@contextmanager
def _dying(fatal: int | None) -> Iterator[Steps]:
    """As `dying`, and before what is deleted from the lake or cleaned up in it too."""
    with dying(fatal) as steps, pytest.MonkeyPatch.context() as patch:
        for name in ("delete", "vacuum", "create_checkpoint"):
            _wrap(patch, DeltaTable, name, steps)
        _wrap(patch, shutil, "rmtree", steps)
        yield steps


def _copied(asked: Path, tmp_path: Path, name: object) -> Path:
    folder = tmp_path / str(name)
    shutil.copytree(asked, folder)
    return folder / "acme"


def _ends_well(folder: Path, expected: dict[str, list[object]]) -> None:
    workspace = open_workspace(folder)
    mill.turn(workspace)
    assert found(folder.parent / "acme", SAID) == {}
    assert found(folder.parent, SAID).keys() <= {"files/shop.csv", "files/deals.csv", "files/paper.vcf"}
    assert _said(workspace) == expected
    assert {each.state for each in erasures(workspace)} == {"done"}
    assert_no_turn_is_open(workspace)
    assert_indexes_equal_the_lake(workspace)
    workspace.close()


def _said(workspace: Workspace) -> dict[str, list[object]]:
    queries = {
        "touches": "SELECT touch_id, actor, claims, text, url, properties, object, parent, value FROM touches "
        "WHERE verb <> 'forget'",
        "entries": "SELECT object, text FROM touches WHERE verb = 'forget'",
        "deals": "SELECT row_id, content, people, name, amount FROM deals_history",
        "residues": "SELECT * FROM residues",
        "redactions": "SELECT DISTINCT said FROM redactions",
        "repeats": "SELECT kind, said, batch FROM repeats",
    }
    return {name: workspace.engine.sql(f"{query} ORDER BY ALL").to_pylist() for name, query in queries.items()}


def _die_at(asked: Path, tmp_path: Path, most: int) -> None:
    whole = _copied(asked, tmp_path, "whole")
    workspace = open_workspace(whole)
    with _dying(None) as steps:
        mill.turn(workspace)
    expected = _said(workspace)
    workspace.close()
    fatal = range(steps.done)
    for number in random.Random(7).sample(fatal, min(most, len(fatal))):
        folder = _copied(asked, tmp_path, number)
        workspace = open_workspace(folder)
        with pytest.raises(Died), _dying(number):
            mill.turn(workspace)
        workspace.close()
        _ends_well(folder, expected)
        shutil.rmtree(folder.parent)


def test_a_forgetting_that_dies_at_some_steps_is_gone_on_with(asked: Path, tmp_path: Path) -> None:
    _die_at(asked, tmp_path, SOME)


@pytest.mark.slow
def test_a_forgetting_that_dies_at_any_step_is_gone_on_with(asked: Path, tmp_path: Path) -> None:
    _die_at(asked, tmp_path, ALL)


def _killed(asked: Path, tmp_path: Path, times: int, seed: int) -> None:
    expected_in = _copied(asked, tmp_path, "expected")
    workspace = open_workspace(expected_in)
    began = time.monotonic()
    mill.turn(workspace)
    lasts = time.monotonic() - began
    expected = _said(workspace)
    workspace.close()
    chance, folder = random.Random(seed), _copied(asked, tmp_path, "killed")
    program = "from pathlib import Path\nfrom hedgerow import mill\nfrom hedgerow.ledger import open_workspace\n"
    program += f"w = open_workspace(Path({str(folder)!r}))\nprint('ready', flush=True)\nmill.turn(w)\n"
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    for _ in range(times):
        with subprocess.Popen([sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE) as victim:
            assert victim.stdout and victim.stdout.readline() == b"ready\n"
            time.sleep(chance.random() * lasts)
            victim.kill()
    _ends_well(folder, expected)


def test_a_forgetting_that_is_killed_is_gone_on_with(asked: Path, tmp_path: Path) -> None:
    _killed(asked, tmp_path, times=2, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_forgetting_that_is_killed_again_and_again_is_gone_on_with(asked: Path, tmp_path: Path, seed: int) -> None:
    _killed(asked, tmp_path, times=8, seed=100 + seed)


def test_what_is_collected_meanwhile_is_kept_and_the_person_kept_out(asked: Path, tmp_path: Path) -> None:
    folder = _copied(asked, tmp_path, "busy")
    workspace, door = open_workspace(folder), open_workspace(folder)
    stop, sent = threading.Event(), 0

    def collect() -> None:
        nonlocal sent
        while not stop.is_set():
            mail = MAIL if sent % 2 else f"dora{sent}@example.org"
            door.inbox.accept([touch(1_000 + sent, f"email:{mail}", text=f"from {mail}")])
            sent += 1
            time.sleep(0.01)

    collecting = threading.Thread(target=collect)
    collecting.start()
    while not sent:
        time.sleep(0.01)
    mill.turn(workspace)
    stop.set()
    collecting.join()
    door.close()
    mill.turn(workspace)
    kept = workspace.engine.sql("SELECT count(*) AS n FROM touches WHERE starts_with(actor, 'email:dora')")
    assert kept["n"].to_pylist() == [(sent + 1) // 2]
    mill.turn(workspace)
    assert {each.state for each in erasures(workspace)} == {"done"}
    assert found(folder, SAID) == {}
    workspace.close()


@pytest.mark.slow
def test_a_reader_that_stays_puts_off_the_end_and_no_more(asked: Path, tmp_path: Path) -> None:
    folder = _copied(asked, tmp_path, "read")
    workspace, reader = open_workspace(folder), open_workspace(folder)
    with reader.record.begin() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM drops").all()
        mill.turn(workspace)
        assert [each.state for each in erasures(workspace)] == ["scouring"]
        assert [each.identifiers for each in erasures(workspace)] == [()]
    reader.close()
    mill.turn(workspace)
    assert [each.state for each in erasures(workspace)] == ["done"]
    assert found(folder, SAID) == {}
    with pytest.raises(HedgerowError, match="Nobody here has"):
        person_with(workspace, f"email:{MAIL}")
    workspace.close()
