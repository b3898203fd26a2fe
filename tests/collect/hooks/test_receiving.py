"""Webhooks: what a form sends becomes touches by a map, once, and only where its signature holds."""

import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hedgerow import mill
from hedgerow.collect.http import Door
from hedgerow.ledger import Workspace, create_workspace, drops, open_workspace

MAP = """
source = "typeform"
[read]
time = "iso"
[[touch]]
occurred_at = "submitted"
verb = "'submit'"
actor = "'email:' || \\"answers.email\\""
title = '"form.title"'
properties = { company = '"answers.company"' }
"""
UNTIMED = MAP.replace('occurred_at = "submitted"', 'occurred_at = "received_at"')
SETTINGS = """
[hooks.demo]
map = "demo.toml"
scheme = "github"
secret = "it is a secret"
[hooks.untimed]
map = "untimed.toml"
scheme = "none"
[hooks.lost]
map = "lost.toml"
scheme = "none"
"""
FORM, PERSON = {"title": "Book a demo"}, {"email": "ann@example.org"}
ANSWER = {"submitted": "2026-05-01T10:00:00Z", "form": FORM, "answers": PERSON}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace that names three webhooks, the map of the third missing."""
    folder = tmp_path / "workspace"
    create_workspace(folder, "Test").close()
    with (folder / "hedgerow.toml").open("a") as file:
        file.write(SETTINGS)
    (folder / "demo.toml").write_text(MAP)
    (folder / "untimed.toml").write_text(UNTIMED)
    opened = open_workspace(folder)
    yield opened
    opened.close()


def send(workspace: Workspace, name: str, body: bytes, **headers: str) -> int:
    """Send a delivery and return the status of the answer."""
    with TestClient(Door(workspace)) as door:
        return door.post(f"/hooks/{name}", content=body, headers=headers).status_code


def signed(body: bytes) -> dict[str, str]:
    """Return the headers that GitHub signs a delivery with."""
    digest = hmac.new(b"it is a secret", body, "sha256").hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": "d1"}


def test_a_signed_answer_is_a_touch_by_its_map(workspace: Workspace) -> None:
    body = json.dumps(ANSWER).encode()
    assert send(workspace, "demo", body, **signed(body)) == 200
    assert mill.turn(workspace) == 1
    row = workspace.engine.sql("SELECT * FROM touches").to_pylist()[0]
    assert (row["source"], row["verb"], row["actor"], row["title"]) == (
        "typeform",
        "submit",
        "email:ann@example.org",
        "Book a demo",
    )


def test_a_delivery_that_comes_again_is_one_touch_even_by_a_map_that_reads_when_it_came(workspace: Workspace) -> None:
    body = json.dumps([ANSWER, {**ANSWER, "answers": {"email": "bob@example.org"}}]).encode()
    for _ in range(2):
        assert send(workspace, "demo", body, **signed(body)) == 200
        mill.turn(workspace)
    assert workspace.engine.sql("SELECT count(*) AS n FROM touches")["n"][0].as_py() == 2
    assert drops(workspace) == {}


def test_a_delivery_that_is_not_signed_is_refused_and_leaves_nothing(workspace: Workspace) -> None:
    body = json.dumps(ANSWER).encode()
    assert send(workspace, "demo", body) == 401
    assert send(workspace, "demo", body + b" ", **signed(body)) == 401
    assert mill.turn(workspace) == 0


def test_a_webhook_that_nobody_named_is_not_there(workspace: Workspace) -> None:
    assert send(workspace, "other", b"{}") == 404


@pytest.mark.parametrize("body", [b"", b"[1", b'{"a":', b"\xff{}", b"[" * 5000, b'"text"', b"7"])
def test_a_body_that_is_no_object_is_refused(workspace: Workspace, body: bytes) -> None:
    assert send(workspace, "untimed", body) == 400


def test_a_form_is_an_object_of_its_fields(workspace: Workspace) -> None:
    body = b"submitted=2026-05-01T10:00:00Z&answers.email=ann%40example.org&form.title=Call+me"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert send(workspace, "untimed", body, **kind) == 200
    mill.turn(workspace)
    assert workspace.engine.sql("SELECT actor, title FROM touches").to_pylist() == [
        {"actor": "email:ann@example.org", "title": "Call me"}
    ]


def test_a_row_that_the_map_cannot_use_is_a_drop_and_the_others_are_kept(workspace: Workspace) -> None:
    body = json.dumps([ANSWER, {**ANSWER, "submitted": "yesterday"}, {**ANSWER, "answers": {}}, 5]).encode()
    assert send(workspace, "demo", body, **signed(body)) == 200
    assert mill.turn(workspace) == 1
    assert sum(map(len, drops(workspace).values())) == 3


def test_what_comes_while_its_map_is_missing_waits_among_the_drops(workspace: Workspace) -> None:
    assert send(workspace, "lost", json.dumps(ANSWER).encode()) == 200
    assert mill.turn(workspace) == 0
    assert [drop.payload for found in drops(workspace).values() for drop in found] == [f"[{json.dumps(ANSWER)}]"]
