"""Bodies that mean harm or mean nothing: each is answered, soon and with a reason, and none stops the mill."""

import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.collect.http import asked
from hedgerow.collect.http.asked import MOST_BODY
from hedgerow.ledger.record import TURNS
from tests.collect.door.asking import AGENT, Answer, Asked

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("bodies.yaml").read_text("utf-8"))
SNOWPLOW = "/com.snowplowanalytics.snowplow/tp2"
EVENT = {"type": "track", "event": "a", "userId": "u"}
SLOW = 2.0
"""Seconds that no answer may take, on a machine that does other things beside."""


def _written(text: str) -> bytes:
    """Return a case's body, each <part*times> in it written out, escapes of JSON left as they are."""
    return re.sub(r"<([^<>]*)\*(\d+)>", lambda found: found[1] * int(found[2]), text).encode()


def _sentence(answer: Answer) -> None:
    """Check an answer: it is a success, or says why not in a sentence that ends in what to do."""
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert re.fullmatch(r"(?s)[A-Z`].+: .+\.", answer.said["error"]), answer.said


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_a_body_is_answered_as_it_says(door: Asked, case: dict[str, Any]) -> None:
    begun = time.monotonic()
    answer = door.send(_written(case["body"]))
    assert time.monotonic() - begun < SLOW
    _sentence(answer)
    assert answer.status == case["status"], answer.body
    assert len(answer.body) < 1_000
    assert len(door.turned()) == case.get("touches", 0)
    assert len(door.dropped()) == case.get("drops", 0)


def test_a_body_of_five_hundred_kilobytes_is_the_most(door: Asked) -> None:
    body = json.dumps({"batch": [EVENT]}).encode()
    assert door.send(body + b" " * (MOST_BODY - len(body))).status == 200
    answer = door.send(body + b" " * (MOST_BODY + 1 - len(body)))
    assert answer.status == 413
    _sentence(answer)
    assert len(door.turned()) == 1


@pytest.mark.parametrize("pieces", [[b"{", None], [b"", None], [b"\x1f\x8b", b"", None]])
def test_a_body_that_never_comes_is_waited_for_no_longer_than_said(
    door: Asked, pieces: list[bytes | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "_SECONDS", 0.1)
    for path in ("/v1/batch", "/v1/t", SNOWPLOW, "/v1/links"):
        answer = door.runner.run(door.asking("POST", path, pieces, door.basic()))
        assert answer.status == 408
        assert answer.headers["retry-after"] == "1"
        _sentence(answer)


def test_packed_bodies_are_read_to_their_last_byte_or_refused(door: Asked) -> None:
    body = json.dumps({"batch": [EVENT]}).encode()
    packed, half = gzip.compress(body), len(body) // 2
    cases = {
        packed: 200,
        gzip.compress(body[:half]) + gzip.compress(body[half:]): 200,
        packed[:-1]: 400,
        packed[:20]: 400,
        packed + b"junk": 400,
        packed + gzip.compress(b"junk"): 400,
        b"\x1f\x8b": 400,
        packed[:-8] + bytes(8): 400,
        gzip.compress(packed): 400,
        gzip.compress(b"\xff"): 400,
        gzip.compress(b" " * 100_000_000): 413,
        gzip.compress(b"") * 25_000: 400,
    }
    for sent, status in cases.items():
        begun = time.monotonic()
        answer = door.send(sent)
        assert time.monotonic() - begun < SLOW
        _sentence(answer)
        assert answer.status == status, (sent[:30], answer.body)
    assert len(door.turned()) == 2


def test_keys_that_are_none_are_refused(door: Asked) -> None:
    body = json.dumps({"batch": [EVENT]}).encode()
    headers = [
        b"Basic",
        b"Basic \xe9",
        b"Basic !!!!",
        b"Basic /w==",
        b"Basic Og==",
        b"Bearer x",
        b"",
        b"Basic " + b"A" * 9_999,
    ]
    for header in headers:
        answer = door.ask("POST", "/v1/batch", body, [(b"authorization", header)])
        _sentence(answer)
        assert answer.status == 401, header
    wrong: tuple[object, ...] = (None, 5, [], {}, "", "wk_", "\ud800", "x" * 100_000)
    for key in wrong:
        answer = door.ask("POST", "/v1/batch", json.dumps({"batch": [EVENT], "writeKey": key}).encode())
        _sentence(answer)
        assert answer.status in (400, 401), key
    assert door.turned() == []


def test_pictures_with_bad_data_are_refused(door: Asked) -> None:
    for data in (
        b"",
        b"%",
        b"%zz",
        b"\xe9",
        b"%e9%ff",
        b"e30",
        b"bm9uZQ",
        b"====",
        b"AAAA",
        b"%00",
        b"W10=",
        b"eyJhIjo",
    ):
        answer = door.ask("GET", "/v1/pixel/track", query=b"data=" + data)
        _sentence(answer)
        assert answer.status in (400, 401), data
    for query in (b"e=pv", b"e=%ff&aid=%ed%a0%80", b"&&&===", b"aid=" + b"x" * 9_000, b"e=pv&aid=%00"):
        answer = door.ask("GET", "/i", query=query)
        _sentence(answer)
        assert answer.status in (400, 401), query


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [1e300, -(2**63), 2**64, "NaN", "infinity", "-1", "9" * 400, "2026-01-01", "\0", "１２", "user:x"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _objects(*names: str, **certain: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(certain, optional=dict.fromkeys(names, JSON))


MONEY = _objects("revenue", "total", "value", "currency", "url", "referrer", "title", "email", "phone", "name")
CONTEXT = _objects("page", "campaign", "traits", "userAgent", "locale", "link", "groupId")
SEGMENT = _objects(
    "messageId", "userId", "anonymousId", "previousId", "groupId", "timestamp", "originalTimestamp", "event", "name",
    "properties", "traits", "context", "sentAt", "category",
    type=st.sampled_from(["track", "page", "screen", "identify", "group", "alias"]) | JSON,
)  # fmt: skip
LIKELY = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "page", "identify"]), "userId": st.text(min_size=1, max_size=9)},
    optional={
        "event": st.text(max_size=9), "properties": MONEY, "traits": MONEY, "context": CONTEXT, "messageId": st.text(),
        "timestamp": st.integers() | st.floats(allow_nan=False) | st.datetimes().map(lambda t: t.isoformat()),
    },
)  # fmt: skip
SNOW = _objects(
    "eid", "uid", "duid", "nuid", "dtm", "stm", "ttm", "url", "page", "ue_pr", "ue_px", "se_ac", "tr_tt", "tr_cu",
    "co", "cx", "mkt_link",
    e=st.sampled_from(["pv", "pp", "tr", "ue", "se", "ti"]),
)  # fmt: skip


def _json(said: object) -> bytes:
    return json.dumps(said).encode()  # with NaN, Infinity and halves of characters, as Python writes them


def _taken(door: Asked, data: st.DataObject) -> None:
    """Send all sorts of messages; what the door keeps of them, the mill makes touches or drops of."""
    for _ in range(5):
        messages = data.draw(st.lists(SEGMENT | LIKELY | JSON, max_size=4))
        _sentence(door.send(_json({"batch": messages, **data.draw(_objects("sentAt", "context"))})))
        events = [{**event, "aid": door.key} for event in data.draw(st.lists(SNOW, min_size=1, max_size=3))]
        _sentence(door.send(_json({"schema": "iglu:x", "data": events}), SNOWPLOW))
        _sentence(door.send(_json(data.draw(LIKELY)), f"/v1/{data.draw(st.sampled_from('tipsga'))}"))
    door.turned()
    assert _settled(door) == _kept(door)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_accepted_is_a_touch_or_a_drop(door: Asked, data: st.DataObject) -> None:
    _taken(door, data)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_accepted_is_a_touch_or_a_drop_for_long(door: Asked, data: st.DataObject) -> None:
    _taken(door, data)


def _kept(door: Asked) -> int:
    """Return how many messages the door has kept, as such or as drops."""
    taken = door.workspace.inbox.take(0, 1_000_000)
    assert taken
    rows = zip(taken.requests["kind"].to_pylist(), taken.requests["body"].to_pylist(), strict=True)
    return sum(len(body.split(b"\n")) if kind == "drop" else len(json.loads(body)) for kind, body in rows)


def _settled(door: Asked) -> int:
    """Return how many touches, repeats and drops the mill has made."""
    with door.workspace.record.connect() as connection:
        outcomes = [json.loads(text) for text in connection.scalars(sa.select(TURNS.c.outcome))]
    return sum(turn["kept"] + turn["repeated"] + turn["dropped"] for turn in outcomes)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.text().map(str.encode) | JSON.map(_json), path=st.sampled_from(["batch", "t"]))
def test_no_bytes_make_the_door_raise(door: Asked, body: bytes, path: str) -> None:
    _sentence(door.send(body, f"/v1/{path}"))
    _sentence(door.send(body, SNOWPLOW))
    _sentence(door.send(body, "/v1/links"))
    _sentence(door.ask("POST", "/v1/batch", body, [(b"user-agent", AGENT.encode())]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.binary(max_size=60), value=st.binary(max_size=60), name=st.sampled_from([b"authorization", b"origin"]))
def test_no_query_or_header_makes_the_door_raise(door: Asked, query: bytes, value: bytes, name: bytes) -> None:
    for path in ("/i", "/v1/pixel/track", "/v1/projects/x/settings", "/hedgerow.js", "/l/x", "/o/x.gif"):
        answer = door.ask("GET", path, headers=[(name, value), (b"user-agent", value)], query=query)
        assert answer.status < 500
        assert not any("\n" in header or "\r" in header for header in answer.headers.values())
