"""A database that another process holds: senders hear it soon, lose nothing, and are let in again."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hedgerow import mill
from hedgerow.access import make_key
from hedgerow.ledger import create_workspace, open_workspace
from tests.collect.door.running import Knocking, Said, running

BOUND = 5.0
"""Seconds in which a sender hears of a database that is busy."""


@contextmanager
def _locked(file: Path, how: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield
        other.execute("ROLLBACK")


def _message(number: int) -> bytes:
    return json.dumps({"event": "Signed up", "userId": f"u{number}", "messageId": str(number)}).encode()


def _together(port: int, key: str, numbers: range) -> dict[int, tuple[Said, float]]:
    """Return what each of some senders, a tenth of a second apart, was answered and after how long."""
    found: dict[int, tuple[Said, float]] = {}

    def send(number: int) -> None:
        time.sleep((number - numbers.start) * 0.1)
        with Knocking(port) as door:
            begun = time.monotonic()
            found[number] = door.post(_message(number), key, "/v1/track"), time.monotonic() - begun

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_locked_inbox_is_told_soon_and_taken_up_again(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace", "Test")
    key = make_key(workspace, "site").key
    with running(workspace.folder) as door:
        assert _together(door.port, key, range(1))[0][0].status == 200
        for how in ("IMMEDIATE", "EXCLUSIVE"):
            with _locked(workspace.folder / "inbox.db", how):
                refused = _together(door.port, key, range(1, 11))
            assert {said.status for said, _ in refused.values()} == {503}
            assert {said.header("retry-after") for said, _ in refused.values()} == {"5"}
            assert max(seconds for _, seconds in refused.values()) < BOUND
            assert all("send it again" in json.loads(said.body)["error"] for said, _ in refused.values())
            assert {said.status for said, _ in _together(door.port, key, range(5, 15)).values()} == {200}
    workspace.close()
    assert _kept(tmp_path / "workspace") == sorted(f"user:u{number}" for number in (0, *range(5, 15)))


def test_a_locked_record_does_not_keep_messages_out(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace", "Test")
    key = make_key(workspace, "site").key
    with running(workspace.folder) as door, _locked(workspace.folder / "record.db", "EXCLUSIVE"):
        time.sleep(1.5)  # The keys are read every second.
        answers = _together(door.port, key, range(5))
    workspace.close()
    assert {said.status for said, _ in answers.values()} == {200}
    assert max(seconds for _, seconds in answers.values()) < 2.0


def _kept(folder: Path) -> list[str]:
    workspace = open_workspace(folder)
    mill.turn(workspace)
    found: list[str] = workspace.engine.sql("SELECT actor FROM touches ORDER BY actor").to_pydict()["actor"]
    workspace.close()
    return found
