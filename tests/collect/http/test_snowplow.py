"""Snowplow's client for Python, and what the ledger holds of all that it can say."""

from collections.abc import Callable
from typing import Any

import pytest
from snowplow_tracker import AsyncEmitter, Emitter, SelfDescribingJson, Subject, Tracker, events

from tests.collect.http.conftest import Collecting
from tests.collect.http.expecting import Case, cases, expect, touch_id

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
FROM_SUBJECT = {
    "p": "web", "uid": "u-1", "res": "1920x1080", "vp": "1200x800", "cd": "24", "tz": "Europe/Berlin", "lang": "de-DE",
    "duid": "d-1", "sid": "s-1", "vid": "3", "ip": "203.0.113.7", "ua": AGENT, "tnuid": "n-1",
}  # fmt: skip
WHO = {
    "actor": "user:u-1",
    "claims": ["anonymous:d-1", "anonymous:n-1"],
    "language": "de-DE",
    "user_agent": AGENT,
}
WAYS: dict[str, Callable[[str], Emitter]] = {
    "post": lambda url: Emitter(url, batch_size=10),
    "get": lambda url: Emitter(url, method="get"),
    "get in batches": lambda url: Emitter(url, method="get", batch_size=5),
    "post by bytes": lambda url: Emitter(url, batch_size=1000, byte_limit=2000),
    "threads": lambda url: AsyncEmitter(url, batch_size=4, thread_count=2),
    "threads get": lambda url: AsyncEmitter(url, method="get", thread_count=2),
}


class Listening:
    """An emitter that sends nothing and remembers the ids of events."""

    def __init__(self) -> None:
        self.ids: list[str | None] = []

    def input(self, payload: dict[str, Any]) -> None:
        """Remember an event's id."""
        self.ids.append(str(payload["eid"]))

    def flush(self) -> None:
        """Do nothing."""

    def sync_flush(self) -> None:
        """Do nothing."""

    def async_flush(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("way", "packed"),
    [
        ("post", True),
        ("post", False),
        ("get", True),
        ("get", False),
        ("get in batches", True),
        ("post by bytes", False),
        ("threads", True),
        ("threads get", False),
    ],
)
def test_all_that_snowplows_client_can_say_arrives_as_it_was_said(
    way: str, packed: bool, collecting: Collecting
) -> None:
    wanted = [Case(case.it, case.call, WHO | case.touch) for case in cases("snowplow.yaml")]
    key, listening = collecting.key("shop"), Listening()
    emitter = WAYS[way](collecting.url)
    tracker = Tracker("ns", [listening, emitter], subject_of_all(), key.key, packed)
    for case in wanted:
        track(tracker, case.call)
    emitter.sync_flush()
    assert emitter.event_store.size() == 0
    expect(collecting.touches(), key, wanted, listening.ids, take_own)
    assert not collecting.drops()


@pytest.mark.parametrize(
    ("setter", "named", "claims"),
    [
        ("set_user_id", "user", None),
        ("set_domain_user_id", "anonymous", ["anonymous:x@example.org"]),
        ("set_network_user_id", "anonymous", ["anonymous:x@example.org"]),
    ],
)
def test_one_id_is_enough_to_say_who_it_was(
    setter: str, named: str, claims: list[str] | None, collecting: Collecting
) -> None:
    emitter = Emitter(collecting.url, batch_size=1)
    subject = getattr(Subject(), setter)("x@example.org")
    key = collecting.key("shop")
    eid = Tracker("ns", emitter, app_id=key.key).track(events.StructuredEvent("a", "b", event_subject=subject))
    (touch,) = collecting.touches()
    assert touch["touch_id"] == touch_id(key, str(eid))
    assert touch["actor"] == f"{named}:x@example.org"
    assert touch["claims"] == (claims or ["email:x@example.org"])


def test_an_event_of_nobody_is_refused_once_and_shown_as_a_drop(collecting: Collecting) -> None:
    failed: list[int] = []
    emitter = Emitter(collecting.url, batch_size=1, on_failure=lambda _, events: failed.append(len(events)))
    Tracker("ns", emitter, app_id=collecting.key("shop").key).track(events.PageView("https://example.org/"))
    emitter.flush()
    assert failed == [1]
    assert not emitter.retry_timer.is_active()
    assert [reason.split(":")[0] for reason in collecting.drops()] == ["it names nobody"]


def track(tracker: Tracker, call: dict[str, Any]) -> None:
    """Make the tracker send what a case calls."""
    for name, arguments in call.items():
        named = {argument: _described(argument, value) for argument, value in arguments.items()}
        if name[0].isupper():
            tracker.track(getattr(events, name)(**named))
        elif name:
            getattr(tracker, name)(**named)


def subject_of_all() -> Subject:
    """Return a subject of whom everything is said."""
    subject = Subject().set_platform("web").set_user_id("u-1").set_screen_resolution(1920, 1080)
    subject.set_viewport(1200, 800).set_color_depth(24).set_timezone("Europe/Berlin").set_lang("de-DE")
    subject.set_domain_user_id("d-1").set_domain_session_id("s-1").set_domain_session_index(3)
    return subject.set_ip_address("203.0.113.7").set_useragent(AGENT).set_network_user_id("n-1")


def take_own(properties: dict[str, Any]) -> None:
    """Take out of an event what its client and its subject put into each, after a look at it."""
    assert {name: properties.pop(name) for name in FROM_SUBJECT} == FROM_SUBJECT
    assert (properties.pop("tna"), properties.pop("tv")) == ("ns", "py-1.1.0")
    assert len(properties.pop("eid")) == 36
    assert properties.pop("dtm").isdigit()
    if properties["e"] == "ti":
        assert properties.pop("ttm").isdigit()


def _described(argument: str, value: Any) -> Any:
    if argument == "context":
        return [SelfDescribingJson(each["schema"], each["data"]) for each in value]
    return SelfDescribingJson(value["schema"], value["data"]) if argument == "event_json" else value
