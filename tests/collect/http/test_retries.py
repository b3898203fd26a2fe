"""What the official clients do when things go wrong on the way: all that they sent is in the ledger, once."""

import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from snowplow_tracker import AsyncEmitter, Emitter, Subject, Tracker, events

from hedgerow.access import Key
from tests.collect.http.clients import NODE, PYTHON, Call, by_python, node
from tests.collect.http.conftest import Collecting
from tests.collect.http.expecting import touch_id
from tests.collect.http.faulty import FAULTS, Proxy, faulty

SERIES = [[fault] for fault in FAULTS] + [["429", "cut answer"]]
TIMEOUT: dict[str, dict[str, Any]] = {
    "segment-python": {"timeout": 1},
    "rudder-python": {"timeout": 1},
    "segment-node": {"httpRequestTimeout": 1000},
    "rudder-node": {"timeout": 3000, "gzip": True},
}
SNOWPLOW: dict[str, Callable[[str], Emitter]] = {
    "snowplow-post": lambda url: Emitter(url, batch_size=3, request_timeout=1),
    "snowplow-get": lambda url: Emitter(url, method="get", request_timeout=1),
    "snowplow-threads": lambda url: AsyncEmitter(url, batch_size=3, request_timeout=1),
}
SLOW = pytest.mark.slow
HARD = {"late answer": ["rudder-node"]}
"""What a client does not try again: it tells its user that it was lost, though the door has it."""


@pytest.mark.parametrize("client", [*PYTHON, *NODE])
def test_what_was_sent_while_things_went_wrong_is_there_once(
    client: str, collecting: Collecting, request: pytest.FixtureRequest
) -> None:
    key = collecting.key("server")
    with faulty(collecting.port, *SERIES) as proxies:
        calls = [[_track(f"{number}-{place}") for place in range(3)] for number in range(len(proxies))]
        lost = _send(client, request, key.key, [proxy.url for proxy in proxies], calls)
    for proxy, series, failed in zip(proxies, SERIES, lost, strict=True):
        given_up = client in HARD.get(series[-1], [])
        assert bool(failed) == given_up, (series, failed)
        assert not proxy.faults
        assert len(proxy.asked) > len(series) or given_up
        ids = [_ids(body) for body in proxy.asked]
        assert given_up or all(ids[0] == again for again in ids[1 : len(series) + 1]), series
    assert _all_once(collecting, key, [each["track"]["messageId"] for part in calls for each in part])


@pytest.mark.parametrize("way", SNOWPLOW)
def test_what_snowplows_client_sent_while_things_went_wrong_is_there_once(way: str, collecting: Collecting) -> None:
    key = collecting.key("shop")
    # By GET it forgets an event whose second try fails beside another's that does not.
    series_of = SERIES[:-1] if way == "snowplow-get" else SERIES
    with faulty(collecting.port, *series_of) as proxies:
        emitters = [SNOWPLOW[way](proxy.url) for proxy in proxies]
        with ThreadPoolExecutor(len(proxies)) as pool:
            sent = list(pool.map(lambda emitter: _shop(emitter, key), emitters))
        for proxy, series, eids in zip(proxies, series_of, sent, strict=True):
            _wait(partial(_through, proxy, len(series), eids))
    assert _all_once(collecting, key, [eid for eids in sent for eid in eids])


@pytest.mark.parametrize("client", [*PYTHON, *NODE])
def test_a_wrong_key_is_not_tried_again_for_ever(
    client: str, collecting: Collecting, request: pytest.FixtureRequest
) -> None:
    with faulty(collecting.port, []) as (proxy,):
        (lost,) = _send(client, request, "wk_of_nobody", [proxy.url], [[_track("a"), _track("b")]])
    assert lost
    assert set(proxy.answered) == {401}
    assert Counter(id_ for body in proxy.asked for id_ in _ids(body)) == {"a": 1, "b": 1}
    assert not collecting.touches()


@pytest.mark.parametrize("client", [*PYTHON, *NODE])
def test_what_can_never_be_kept_is_refused_once_and_shown_as_a_drop(
    client: str, collecting: Collecting, request: pytest.FixtureRequest
) -> None:
    key = collecting.key("server")
    with faulty(collecting.port, []) as (proxy,):
        bad = {"track": {"userId": "u" * 481, "event": "Signed Up", "messageId": "bad"}}
        _send(client, request, key.key, [proxy.url], [[bad]])
        _send(client, request, key.key, [proxy.url], [[_track("good"), {"track": {**bad["track"], "messageId": "c"}}]])
    assert proxy.answered[0] == 400
    assert max(Counter(id_ for body in proxy.asked for id_ in _ids(body)).values()) == 1
    assert _all_once(collecting, key, ["good"])
    assert [reason.split(" (")[0] for reason in collecting.drops()] == ["it is not what the protocol says"] * 2


def test_snowplows_client_does_not_try_a_wrong_key_again(collecting: Collecting) -> None:
    with faulty(collecting.port, []) as (proxy,):
        emitter = Emitter(proxy.url, batch_size=3)
        tracker = Tracker("ns", emitter, Subject().set_user_id("u-1"), "wk_of_nobody")
        for _ in range(3):
            tracker.track(events.PageView("https://example.org/"))
        assert not emitter.retry_timer.is_active()
    assert proxy.answered == [401]


@pytest.mark.parametrize(
    "client", ["segment-python", pytest.param("segment-node", marks=SLOW), pytest.param("rudder-node", marks=SLOW)]
)
def test_a_key_whose_rate_is_used_up_delays_and_loses_nothing(
    client: str, collecting: Collecting, request: pytest.FixtureRequest
) -> None:
    key = collecting.key("server", rate=100)
    calls = [_track(str(place)) for place in range(1_120)]
    more = {"flushAt": 100, "timeout": 0} if client in NODE else {"upload_size": 100}
    with faulty(collecting.port, []) as (proxy,):
        lost = _send(client, request, key.key, [proxy.url], [calls], more)
    assert lost == [[]]
    assert 429 in proxy.answered
    assert _all_once(collecting, key, [each["track"]["messageId"] for each in calls])


def _send(
    client: str,
    request: pytest.FixtureRequest,
    key: str,
    urls: Sequence[str],
    calls: Sequence[Sequence[Call]],
    more: dict[str, Any] | None = None,
) -> list[list[str]]:
    """Send by as many clients of one kind as there are urls, at the same time; returns what each gave up on."""
    options = TIMEOUT[client] | (more or {})
    if client in NODE:
        packages: Path = request.getfixturevalue("packages")
        told = [
            {"url": url, "key": key, "calls": part, "options": options} for url, part in zip(urls, calls, strict=True)
        ]
        return node(NODE[client], packages, told)
    lost: list[list[str]] = [[] for _ in urls]

    def one(place: int) -> None:
        by_python(PYTHON[client], urls[place], key, calls[place], lost[place], **options)

    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(one, range(len(urls))))
    return lost


def _shop(emitter: Emitter, key: Key) -> list[str]:
    tracker = Tracker("ns", emitter, Subject().set_user_id("u-1"), key.key)
    return [str(tracker.track(events.PageView(f"https://example.org/{place}"))) for place in range(3)]


def _through(proxy: Proxy, faults: int, ids: Sequence[str]) -> bool:
    """Return whether all the ids were asked for after the faults."""
    return {id_ for body in proxy.asked[faults:] for id_ in _ids(body)} == set(ids)


def _track(message_id: str) -> dict[str, dict[str, Any]]:
    properties = {"revenue": 12.5, "note": f"Käse {message_id}"}
    return {"track": {"userId": "u-1", "event": "Purchase", "messageId": message_id, "properties": properties}}


def _ids(asked: bytes) -> list[str]:
    """Return the ids of the messages that a request brings."""
    path, _, body = re.split(rb"((?=[\x1f{])|$)", asked, maxsplit=1)
    if not body:
        return re.findall(r"[?&]eid=([^&]+)", unquote(path.decode()))
    said = json.loads(gzip.decompress(body) if body[:1] == b"\x1f" else body)
    return [message.get("messageId") or message["eid"] for message in said.get("batch") or said["data"]]


def _all_once(collecting: Collecting, key: Key, ids: Sequence[str]) -> bool:
    touches = collecting.touches()
    return sorted(touch["touch_id"] for touch in touches) == sorted(touch_id(key, id_) for id_ in ids)


def _wait(fact: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.02)
