"""Recorded requests of the official clients, sent to the door again byte by byte."""

import gzip
import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.collect.http.conftest import Collecting
from tests.collect.http.expecting import touch_id
from tests.conftest import SHARED

FOLDER = SHARED / "api" / "tracking_clients"
FILES = sorted(FOLDER.glob("*.json")) if FOLDER.exists() else []
ELSEWHERE = ["/favicon.ico"]
"""What a browser asks of any server, where nothing is collected."""

Recorded = dict[str, Any]


@pytest.mark.skipif(not FILES, reason="the recordings are not beside this repository")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_client_was_recorded_to_send_is_in_the_ledger_once(file: Path, collecting: Collecting) -> None:
    requests: list[Recorded] = json.loads(file.read_text("utf-8"))["requests"]
    key = collecting.key("recorded", ("127.0.0.1",), written="app" if file.stem.startswith("snowplow") else "wk_demo")
    # Twice: who records a client that tries again records one that knows not what became of its first try.
    for recorded in requests * 2:
        status, headers = _again(collecting.port, recorded)
        if recorded["path"] not in ELSEWHERE:
            assert status == (204 if recorded["method"] == "OPTIONS" else 200), recorded["path"]
        if origin := _header(recorded, "origin"):
            assert headers["access-control-allow-origin"] == origin
            wanted = _header(recorded, "access-control-request-headers")
            assert not wanted or wanted in headers["access-control-allow-headers"]
    ids = {touch_id(key, id_) for recorded in requests for id_ in _ids(recorded)}
    assert len(ids) >= 3
    assert sorted(touch["touch_id"] for touch in collecting.touches()) == sorted(ids)
    assert not collecting.drops()


def _again(port: int, recorded: Recorded) -> tuple[int, dict[str, str]]:
    """Send a recorded request once more; returns the status and the headers of the answer."""
    body = _body(recorded)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    query = f"?{urlencode([tuple(pair) for pair in recorded['query']])}" if recorded.get("query") else ""
    connection.putrequest(recorded["method"], recorded["path"] + query, skip_host=True, skip_accept_encoding=True)
    for name, value in recorded["headers"]:
        connection.putheader(name, str(len(body)) if name.lower() == "content-length" else value)
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def _body(recorded: Recorded) -> bytes:
    """Return the body as its client wrote it: Python's with a space behind commas and colons, JavaScript's without."""
    said = recorded.get("body_json")
    if said is None:
        return (recorded.get("body_text") or "").encode()
    python = json.dumps(said).encode(), json.dumps(said, ensure_ascii=False).encode()
    script = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    if recorded["content_encoding"] == "gzip":
        return gzip.compress(script if "node" in (_header(recorded, "user-agent") or "") else python[0])
    (body,) = {text for text in (*python, script) if len(text) == recorded["raw_bytes"]}
    return body


def _header(recorded: Recorded, wanted: str) -> str | None:
    return next((value for name, value in recorded["headers"] if name.lower() == wanted), None)


def _ids(recorded: Recorded) -> list[str]:
    """Return the ids of the messages that a recorded request brings."""
    said = recorded.get("body_json") or {}
    messages = said.get("batch") or said.get("data") or ([said] if said else [])
    queried = [value for name, value in recorded.get("query") or () if name == "eid"]
    return queried + [message.get("messageId") or message["eid"] for message in messages]
