"""A collecting server on a port of its own, and the clients that npm keeps."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from msgspec import structs

from hedgerow import mill
from hedgerow.access import Key, find_key, make_key
from hedgerow.access.tables import KEYS
from hedgerow.collect.http import Door
from hedgerow.kit.lock import held
from hedgerow.ledger import Workspace, create_workspace

PACKAGES = {
    "@rudderstack/rudder-sdk-node": "3.0.13",
    "@segment/analytics-next": "1.84.3",
    "@segment/analytics-node": "3.1.0",
}


class Collecting:
    """A door at `url` that takes in what is sent for `workspace`, and what one test sees of the ledger behind it."""

    def __init__(self, workspace: Workspace, door: Door, port: int) -> None:
        self.workspace, self.port, self.url = workspace, port, f"http://127.0.0.1:{port}"
        self._door = door
        self._sources: set[str] = set()
        self._dropped = len(self._reasons())

    def key(self, name: str, sites: tuple[str, ...] = (), rate: int = 0, written: str = "") -> Key:
        """Return a new key, in force at once, its name made one of a kind; it is spelt as `written` if that is said."""
        made = make_key(self.workspace, f"{name}-{next(_NUMBERS)}", sites, rate)
        if written:
            with self.workspace.record.begin() as connection:
                before = sa.update(KEYS).where(KEYS.c.key == written).values(key=made.key)
                connection.execute(sa.update(KEYS).where(KEYS.c.name == made.name).values(key=f"{written} to be"))
                connection.execute(before)
                connection.execute(sa.update(KEYS).where(KEYS.c.name == made.name).values(key=written))
        self._door.keyring.refresh()
        self._sources.add(made.source)
        return find_key(self.workspace, made.name)

    def touches(self) -> list[dict[str, Any]]:
        """Turn the mill and return every touch that came by this test's keys."""
        mill.turn(self.workspace)
        rows: list[dict[str, Any]] = self.workspace.engine.sql("SELECT * FROM touches").to_pylist()
        return [row for row in rows if row["source"] in self._sources]

    def drops(self) -> list[str]:
        """Turn the mill and return why each message was dropped since the test began."""
        mill.turn(self.workspace)
        return self._reasons()[self._dropped :]

    def _reasons(self) -> list[str]:
        with self.workspace.record.connect() as connection:
            return list(connection.scalars(sa.text("SELECT reason FROM drops ORDER BY id")))


_NUMBERS = count(1)


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Door, int]]:
    """A door for all the tests of this folder."""
    with serving(tmp_path_factory.mktemp("collecting")) as served:
        yield served


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Workspace, Door, int]]:
    """Within this context a door is served on a free port of 127.0.0.1 by a thread, for a workspace in `folder`."""
    workspace = create_workspace(folder, "Test", "EUR")
    door = Door(workspace)
    config = uvicorn.Config(door, port=0, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    server, socket = uvicorn.Server(config), config.bind_socket()
    port = socket.getsockname()[1]
    reached = structs.replace(workspace.settings.collect, url=f"http://127.0.0.1:{port}")
    workspace.settings = structs.replace(workspace.settings, collect=reached)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started
    yield workspace, door, port
    server.should_exit = True
    thread.join(10)
    socket.close()
    workspace.close()


@pytest.fixture
def collecting(_served: tuple[Workspace, Door, int]) -> Collecting:
    """The door, and the ledger as this test's keys fill it."""
    return Collecting(*_served)


@pytest.fixture(scope="session")
def packages(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where npm put the clients, in the versions of `PACKAGES`; kept from one run to the next."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm and node are not on the path: the clients for JavaScript can't be installed")
    cache = pytestconfig.cache
    folder = cache.mkdir("tracking-clients") if cache else tmp_path_factory.mktemp("tracking-clients")
    with held(folder / "installing", wait=300):
        if _installed(folder) != PACKAGES:
            _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    (folder / "package.json").write_text('{"private": true}', "utf-8")
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280)
    if said.returncode:
        pytest.skip(f"npm could not install the clients: {said.stderr.strip()[-200:]}")


def _installed(folder: Path) -> dict[str, str]:
    files = {name: folder / "node_modules" / name / "package.json" for name in PACKAGES}
    return {name: json.loads(file.read_text("utf-8"))["version"] for name, file in files.items() if file.exists()}
