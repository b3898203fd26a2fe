"""What strangers do to a socket: the door answers or ends it, goes on serving others, and stays small."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from hedgerow import mill
from hedgerow.access import find_key, make_key, revoke_key
from hedgerow.collect.server import MOST_HEAD, SECONDS
from hedgerow.ledger import create_workspace, open_workspace
from tests.collect.door.running import Knocking, Running, Said, request, running

EVENT = {"type": "track", "event": "a", "userId": "u"}
BODY = json.dumps(EVENT).encode()
GROWTH = 64 << 20
"""Bytes that a door may grow by under whatever is tried here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with keys: one in force, one revoked."""
    made = create_workspace(tmp_path_factory.mktemp("door") / "workspace", "Test")
    make_key(made, "site", ["example.org"], rate=0)
    revoke_key(made, make_key(made, "old").name)
    made.close()
    return made.folder


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[Running]:
    """A door in a process of its own; at the end it has complained of nothing."""
    with running(folder) as started:
        yield started
        assert started.stop() == ""


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    """The key in force."""
    return _key(folder, "site")


def _key(folder: Path, name: str) -> str:
    opened = open_workspace(folder)
    found = find_key(opened, name).key
    opened.close()
    return found


def _asked(port: int, sent: bytes, seconds: float = 30.0) -> Said | None:
    """Send bytes; return the answer, or None where the connection was ended."""
    with Knocking(port, seconds) as knocking:
        with suppress(OSError):
            knocking.send(sent)
        try:
            return knocking.answer()
        except ConnectionError:
            return None


def _serves(door: Running, key: str) -> None:
    """Check that the door serves others as ever, and has not grown."""
    with Knocking(door.port, 3.0) as other:
        assert other.post(BODY, key, "/v1/track").status == 200
    assert door.process.poll() is None


def test_lies_about_the_length_are_answered_or_ended(door: Running, key: str) -> None:
    whole = request(BODY, key, "/v1/track")
    said = b"Content-Length: %d" % len(BODY)
    for length, statuses in (
        (b"0", {400}),
        (b"-1", {400}),
        (b"x", {400}),
        (b"5", {400}),
        (b"1e3", {400}),
        (b"9" * 30, {400}),
    ):
        answer = _asked(door.port, whole.replace(said, b"Content-Length: " + length))
        assert answer and answer.status in statuses, length
    both = whole.replace(said, said + b"\r\nTransfer-Encoding: chunked")
    answer = _asked(door.port, both)
    assert answer is None or answer.status == 400
    _serves(door, key)


def test_a_body_that_ends_too_soon_is_not_kept(door: Running, key: str, folder: Path) -> None:
    event = json.dumps({**EVENT, "userId": "cut"}).encode()
    with Knocking(door.port) as knocking:
        knocking.send(request(event, key, "/v1/track")[:-1])
    opened = open_workspace(folder)
    mill.turn(opened)
    actors = opened.engine.sql("SELECT actor FROM touches").to_pydict()["actor"]
    opened.close()
    assert "user:cut" not in actors
    _serves(door, key)


def test_bodies_in_pieces_are_read(door: Running, key: str) -> None:
    head = request(b"", key, "/v1/track", b"Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
    with Knocking(door.port) as knocking:
        knocking.send(head)
        for byte in BODY:
            knocking.send(b"1\r\n%c\r\n" % byte)
        knocking.send(b"0\r\n\r\n")
        assert knocking.answer().status == 200


def test_pieces_that_never_end_are_refused_before_they_fill_memory(door: Running, key: str) -> None:
    head = request(b"", key, "/v1/track", b"Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
    before = door.memory()
    answer = _asked(
        door.port, head + b"10000\r\n" + b" " * 65_536 + b"\r\n" + (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 500
    )
    assert answer and answer.status == 413
    answer = _asked(door.port, head + b"fffffffffffffffff\r\n")
    assert answer is None or answer.status == 400
    assert door.memory() - before < GROWTH
    _serves(door, key)


@pytest.mark.parametrize(
    "head", [b"X-A: " + b"a" * (100 << 20), b"".join(b"X-%d: a\r\n" % n for n in range(5_000_000))]
)
def test_heads_without_an_end_are_refused_before_they_fill_memory(door: Running, key: str, head: bytes) -> None:
    before = door.memory()
    answer = _asked(door.port, b"POST /v1/track HTTP/1.1\r\n" + head)
    assert answer is None or answer.status == 431
    answer = _asked(door.port, b"GET /" + b"a" * (10 << 20))
    assert answer is None or answer.status in (400, 431)
    assert door.memory() - before < GROWTH
    _serves(door, key)


def test_a_head_that_is_too_large_is_told(door: Running) -> None:
    with Knocking(door.port) as knocking:
        knocking.send(b"GET /healthz HTTP/1.1\r\nX: ")
        for _ in range(MOST_HEAD // 8_192 + 1):
            time.sleep(0.02)
            knocking.send(b"a" * 8_192)
        answer = knocking.answer()
    assert answer.status == 431
    assert answer.body.endswith(b"send fewer or less.")
    large = b"GET /healthz HTTP/1.1\r\nHost: door\r\nX: " + b"a" * (MOST_HEAD - 1_000) + b"\r\n\r\n"
    said = _asked(door.port, large)
    assert said and said.status == 200


def test_many_requests_at_once_are_answered_in_order(door: Running, key: str) -> None:
    batch = json.dumps({"batch": [EVENT] * 2_000}).encode()
    with Knocking(door.port) as knocking:
        for body, path in ((b"", "/v1/nowhere"), (BODY, "/v1/track"), (b"{", "/v1/track"), (batch, "/v1/batch")) * 5:
            knocking.send(request(body, key, path))
        assert [knocking.answer().status for _ in range(20)] == [404, 200, 400, 200] * 5


@pytest.mark.parametrize(
    "line",
    [
        b"GET /healthz HTTP/9.9", b"\x16\x03\x01\x02\x00\x01\x00", b"GET http://[ HTTP/1.1",
        b"PRI * HTTP/2.0", b"GET /%ff%fe%00 HTTP/1.1", b"GET /\xff HTTP/1.1", b"FOO /v1/track HTTP/1.1",
        b"GET /../../etc/passwd HTTP/1.1", b"GET /l/%0d%0aSet-Cookie:%20a=b HTTP/1.1", b"OPTIONS * HTTP/1.1",
        b"CONNECT example.org:443 HTTP/1.1", b"TRACE / HTTP/1.1", b"GET //example.org HTTP/1.1", b"\0\0\0\0",
    ],
)  # fmt: skip
def test_lines_that_are_no_request_are_refused(door: Running, key: str, line: bytes) -> None:
    answer = _asked(door.port, line + b"\r\nHost: door\r\n\r\n", 3.0)
    assert answer is None or 400 <= answer.status < 500
    assert answer is None or not re.search("set-cookie", answer.head, re.I)
    _serves(door, key)


def test_nobody_is_let_into_a_websocket(door: Running, key: str) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    for path in (b"/healthz", b"/v1/track", b"/"):
        answer = _asked(
            door.port, b"GET %s HTTP/1.1\r\nHost: door\r\n%sSec-WebSocket-Version: 13\r\n\r\n" % (path, upgrade)
        )
        assert answer and answer.status in (200, 404, 405)
    _serves(door, key)


def test_nothing_that_is_echoed_carries_another_header(door: Running, key: str, folder: Path) -> None:
    for value in (
        b"https://example.org\r\n\tX: y",
        b"https://example.org/\x0bX: y",
        b"https://example.org\x00",
        b"https://example.org\rX: y",
    ):
        answer = _asked(door.port, request(BODY, key, "/v1/track", b"Origin: " + value + b"\r\n"))
        assert answer is None or answer.status in (400, 403), value
        assert answer is None or answer.header("access-control-allow-origin") is None


def test_keys_of_others_are_refused(door: Running, folder: Path, tmp_path: Path) -> None:
    other = create_workspace(tmp_path / "other", "Other")
    theirs = make_key(other, "site").key
    other.close()
    for wrong in (theirs, _key(folder, "old"), "", "wk_", "' OR 1=1 --"):
        with Knocking(door.port) as knocking:
            answer = knocking.post(BODY, wrong, "/v1/track")
        assert answer.status == 401
        assert json.loads(answer.body)["error"].endswith("shows those there are.")


@pytest.mark.slow
def test_a_body_that_never_comes_is_ended(door: Running, key: str) -> None:
    slow = [request(BODY, key, "/v1/track")[: -len(BODY)], request(BODY, key, "/v1/track")[:-1]]
    with ExitStack() as stack:
        open_ = [stack.enter_context(Knocking(door.port, 3 * SECONDS)) for _ in range(400)]
        for number, knocking in enumerate(open_):
            knocking.send(slow[number % 2])
        begun = time.monotonic()
        _serves(door, key)
        assert time.monotonic() - begun < 3.0
        assert {knocking.answer().status for knocking in open_[1::2]} == {408}
        assert time.monotonic() - begun < 20.0
        for knocking in open_[::2]:
            with pytest.raises(ConnectionError):
                knocking.answer()
        assert time.monotonic() - begun < 2 * SECONDS + 10


@pytest.mark.slow
def test_silence_and_heads_by_the_drop_are_ended(door: Running, key: str) -> None:
    with ExitStack() as stack:
        silent, dripping, late = (stack.enter_context(Knocking(door.port, 3 * SECONDS)) for _ in range(3))
        late.send(request(BODY, "none", "/v1/nowhere")[:-1])
        assert late.answer().status == 404
        begun = time.monotonic()
        with suppress(OSError):
            dripping.send(b"GET /healthz HTTP/1.1\r\nX: ")
            while time.monotonic() - begun < 2 * SECONDS + 5:
                dripping.send(b"a")
                late.send(b"")
                time.sleep(1.0)
        for knocking in (silent, dripping, late):
            with pytest.raises((ConnectionError, TimeoutError)):
                knocking.answer()
        assert time.monotonic() - begun < 2 * SECONDS + 15
    _serves(door, key)


def test_the_door_stays_small(door: Running, key: str) -> None:
    before = door.memory()
    bomb = b" " * (500 << 10)
    for _ in range(100):
        with Knocking(door.port) as knocking:
            assert knocking.post(bomb, key).status == 400
    assert door.memory() - before < GROWTH
