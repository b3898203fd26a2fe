"""The official clients for servers, and what the ledger holds of all that they can say."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.collect.http.clients import sender
from tests.collect.http.conftest import Collecting
from tests.collect.http.expecting import cases, expect

LIBRARY = {
    "segment-python": "analytics-python",
    "segment-node": "@segment/analytics-node",
    "rudder-python": "analytics-python",
    "rudder-node": "analytics-node",
}
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("segment-python", {"gzip": False}),
    ("segment-python", {"gzip": True}),
    ("segment-python", {"sync_mode": True}),
    ("segment-python", {"upload_size": 3, "thread": 2}),
    ("rudder-python", {"gzip": True}),
    ("rudder-python", {"gzip": False}),
    ("rudder-python", {"sync_mode": True}),
    ("segment-node", {"flushAt": 15}),
    ("segment-node", {"flushAt": 1}),
    ("segment-node", {"path": "/v1/b"}),
    ("rudder-node", {"gzip": True}),
    ("rudder-node", {"gzip": False, "flushAt": 1}),
]


@pytest.mark.parametrize(("client", "options"), WAYS, ids=[f"{client}-{'-'.join(o)}" for client, o in WAYS])
def test_all_that_a_client_can_say_arrives_as_it_was_said(
    client: str, options: dict[str, Any], collecting: Collecting, request: pytest.FixtureRequest
) -> None:
    wanted = cases("servers.yaml", client)
    key, lost = collecting.key("server"), list[str]()
    ids = sender(client, lambda: request.getfixturevalue("packages"))(
        collecting.url, key.key, [case.call for case in wanted], lost, **options
    )
    assert not lost
    expect(collecting.touches(), key, wanted, ids, partial(take_library, LIBRARY[client]))
    assert not collecting.drops()


def take_library(name: str, properties: dict[str, Any]) -> None:
    """Take the library out of the context; it is called `name`."""
    assert properties["context"].pop("library")["name"] == name


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_a_batch_may_be_as_large_as_rudderstacks_client_makes_it(packed: bool, collecting: Collecting) -> None:
    key, lost = collecting.key("server"), list[str]()
    properties = {"text": "".join(chr(0x4E00 + place) for place in range(5_000))}
    calls = [{"track": {"userId": "u-1", "event": "Read", "properties": properties}} for _ in range(100)]
    sender("rudder-python", Path)(collecting.url, key.key, calls, lost, gzip=packed, upload_size=100)
    assert not lost
    assert len(collecting.touches()) == 100


def test_events_may_be_named_in_any_script(collecting: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"Покупка": "purchase", "ファイル・取得": "download", "Größe gewählt": "add"}
    settings = structs.replace(collecting.workspace.settings, events=own)
    monkeypatch.setattr(collecting.workspace, "settings", settings)
    said = ["покупка", "Регистрация", "ファイル 取得", "登録", "GRÖSSE_GEWÄHLT", "größe_GEWÄHLT", "?!"]
    calls = [{"track": {"userId": "u-1", "event": event, "messageId": event}} for event in said]
    sender("segment-python", Path)(collecting.url, collecting.key("server").key, calls, [])
    verbs = {touch["title"]: touch["verb"] for touch in collecting.touches()}
    assert [verbs[event] for event in said] == ["purchase", "track", "download", "track", "track", "add", "track"]
