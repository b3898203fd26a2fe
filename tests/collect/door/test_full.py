"""A disk that fills up under load: what does not fit is refused, what was acknowledged is kept, room is used again."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hedgerow import mill
from hedgerow.access import make_key
from hedgerow.ledger import create_workspace, open_workspace
from tests.collect.door.loading import Load
from tests.collect.door.running import Knocking, running, wait_until

_BALLAST = 8 << 20


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("spare", [4, 0], ids=["with megabytes to spare", "to the last byte"])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, spare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDGEROW_COLLECT_FREE_MEGABYTES", str(spare))
    with _small_disk(tmp_path / "disk") as disk:
        (disk / "ballast").write_bytes(bytes(_BALLAST))
        workspace = create_workspace(disk / "workspace", "Test")
        key = make_key(workspace, "site", rate=0).key
        workspace.close()
        with running(disk / "workspace") as door:
            load = Load(lambda: door.port, key, bulk=8_000)
            wait_until(lambda: load.answers[503] > 20)
            wait_until(lambda: _health(door.port) == (503 if spare else 200))
            kept_before = load.answers[200]
            (disk / "ballast").unlink()
            wait_until(lambda: load.answers[200] > kept_before + 50)
            load.stop()
            assert door.process.poll() is None
            assert door.stop() == ""
        assert set(load.answers) == {200, 503}
        assert all(int(said.header("retry-after") or 0) > 0 for said in load.refusals)
        assert all("send it again" in json.loads(said.body)["error"].lower() for said in load.refusals)
        shutil.copytree(disk / "workspace", tmp_path / "moved")  # The mill needs room too.
    assert _kept(tmp_path / "moved") == sorted(f"user:u{id_}" for id_ in load.acknowledged)


def _health(port: int) -> int:
    with Knocking(port) as asking:
        asking.send(b"GET /healthz HTTP/1.1\r\nHost: door\r\n\r\n")
        return asking.answer().status


def _kept(folder: Path) -> list[str]:
    workspace = open_workspace(folder)
    mill.turn(workspace)
    found: list[str] = workspace.engine.sql("SELECT actor FROM touches ORDER BY actor").to_pydict()["actor"]
    workspace.close()
    return found
