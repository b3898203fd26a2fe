"""The official clients for servers, each made to send what it is told to a door."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

Call = Mapping[str, Mapping[str, Any]]
"""A client's method and its arguments, by their names on the wire."""

Send = Callable[..., list[str | None]]
"""Sends calls to `url` with `key` and options of its client, and returns each message's id, None where its client
doesn't tell; what its client gives up on goes to `lost`."""

DRIVERS = Path(__file__).parent


def by_python(
    make: Callable[..., Any], url: str, key: str, calls: Sequence[Call], lost: list[str], **options: Any
) -> list[str | None]:
    """Send calls by one of the clients for Python."""
    client = make(key, host=url, upload_interval=0.05, on_error=lambda error, _: lost.append(str(error)), **options)
    ids: list[str | None] = []
    for call in calls:
        for method, arguments in call.items():
            named = {_snake(name): value for name, value in arguments.items()}
            taken, message = getattr(client, method)(**named)
            assert taken
            ids.append(message["messageId"])
    if not options.get("sync_mode"):
        client.shutdown()
    return ids


def by_node(
    driver: str, packages: Path, url: str, key: str, calls: Sequence[Call], lost: list[str], **options: Any
) -> list[str | None]:
    """Send calls by one of the clients for Node."""
    lost += node(driver, packages, [{"url": url, "key": key, "calls": list(calls), "options": options}])[0]
    return [arguments.get("messageId") for call in calls for arguments in call.values()]


def node(driver: str, packages: Path, clients: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Let clients of one kind send at the same time, in one process; returns what each gave up on."""
    said = subprocess.run(
        ["node", str(DRIVERS / driver)],
        input=json.dumps(clients, default=_date),
        env={"NODE_PATH": str(packages), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    lost: list[list[str]] = json.loads(said.stdout.splitlines()[-1])
    return lost


PYTHON: dict[str, Callable[..., Any]] = {"segment-python": segment.Client, "rudder-python": rudder.Client}
NODE = {"segment-node": "segment_node.cjs", "rudder-node": "rudder_node.cjs"}


def sender(name: str, packages: Callable[[], Path]) -> Send:
    """Return what sends by the client called `name`; `packages` is asked only where npm has to bring it."""
    if name in PYTHON:
        return partial(by_python, PYTHON[name])
    return partial(by_node, NODE[name], packages())


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _date(value: datetime) -> dict[str, str]:
    return {"$date": value.astimezone(UTC).isoformat()}
