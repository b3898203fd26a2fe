"""A door that is killed (SIGKILL) under load, and a mill beside it: what was acknowledged is in the ledger, once."""

import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from hedgerow import mill
from hedgerow.access import make_key
from hedgerow.ledger import create_workspace, drops, open_workspace
from tests.collect.door.loading import Load
from tests.collect.door.running import Running, start_mill


def _killed(folder: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    made = create_workspace(folder, "Test")
    key = make_key(made, "site", rate=0).key
    made.close()
    door = Running(folder)
    ports = [door.port]
    load = Load(lambda: ports[0], key)
    milling = start_mill(folder)
    for _ in range(times):
        time.sleep(0.1 + chance.random() * 0.6)
        if chance.random() < 0.4:
            _end(milling)
            milling = start_mill(folder)
        door.kill()
        time.sleep(chance.random() * 0.1)
        door = Running(folder)
        ports[0] = door.port
    load.stop()
    _end(milling)
    door.kill()
    assert set(load.answers) == {200}
    assert len(load.acknowledged) > times * 10
    _check(folder, load.acknowledged)


def _end(milling: "subprocess.Popen[bytes]") -> None:
    died = milling.poll()
    milling.kill()
    complaint = milling.communicate()[1].decode()
    assert died is None, complaint


def _check(folder: Path, acknowledged: list[str]) -> None:
    workspace = open_workspace(folder)
    mill.turn(workspace)
    actors = workspace.engine.sql("SELECT actor FROM touches").to_pydict()["actor"]
    kept = Counter(actors)
    assert {actor for actor, times in kept.items() if times > 1} == set(), "a message is there twice"
    assert {f"user:u{id_}" for id_ in acknowledged} - set(kept) == set(), "an acknowledged message was lost"
    assert drops(workspace) == {}
    workspace.close()


def test_a_door_killed_a_few_times_loses_no_acknowledged_message(tmp_path: Path) -> None:
    _killed(tmp_path / "workspace", times=3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_door_killed_fifty_times_loses_no_acknowledged_message(tmp_path: Path, seed: int) -> None:
    _killed(tmp_path / "workspace", times=25, seed=10 + seed)
