"""Accepting: the steps that a request of messages goes through, in order; each lets it on, drops, or refuses."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from hedgerow.access import Key
from hedgerow.collect.http.answer import Refused
from hedgerow.collect.http.asked import Asked
from hedgerow.collect.http.keyring import Keyring
from hedgerow.collect.protocol import DEEPEST, MOST_EVENT, fault_of
from hedgerow.kit import clock
from hedgerow.ledger import Dropped, Request

_Raw = msgspec.Raw
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass
class Arriving:
    """A request of messages on its way in, as far as the steps have read it."""

    asked: Asked
    protocol: str
    opened: Callable[[bytes, Asked], "Opened"]
    opening: "Opened | None" = None
    key: Key | None = None
    good: list[_Raw] = field(default_factory=list)
    dropped: list[tuple[int, str, str]] = field(default_factory=list)
    """Of each dropped message its place, the reason, and what it said."""


@dataclass(frozen=True)
class Opened:
    """A body taken apart: its messages as they stand, the write key and the time of sending it states."""

    messages: list[_Raw]
    key: str = ""
    sent: str | None = None


Step = Callable[[Arriving, Keyring], None]


def _open(arriving: Arriving, _: Keyring) -> None:
    """The body is taken apart: JSON in UTF-8, one message or a batch."""
    try:
        arriving.asked.body.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, f"The body is no UTF-8 (byte {error.start:,}): send JSON in UTF-8.") from None
    try:
        arriving.opening = arriving.opened(arriving.asked.body, arriving.asked)
    except RecursionError:
        raise Refused(400, f"The body is nested too deep: {DEEPEST} levels are the most.") from None
    except msgspec.DecodeError as error:
        arriving.opening = _mended(arriving, error)


def _name(arriving: Arriving, keyring: Keyring) -> None:
    """The write key is found: in the authorization, in the body, or in the query."""
    assert arriving.opening
    asked = arriving.asked
    arriving.key = keyring.find(asked.user or arriving.opening.key or asked.query.get("writeKey", ""))


def _come_from(arriving: Arriving, keyring: Keyring) -> None:
    """A page may send only from the sites of its key."""
    if arriving.asked.origin and arriving.key:
        keyring.check_site(arriving.key, arriving.asked.origin)


def _within(arriving: Arriving, keyring: Keyring) -> None:
    """The key's rate is not used up."""
    assert arriving.opening and arriving.key
    keyring.spend(arriving.key, len(arriving.opening.messages))


def _check(arriving: Arriving, _: Keyring) -> None:
    """Each message is of the protocol's shape; one that is not is dropped alone."""
    assert arriving.opening
    for place, raw in enumerate(arriving.opening.messages):
        if reason := fault_of(arriving.protocol, raw):
            arriving.dropped.append((place, reason, bytes(raw)[:MOST_EVENT].decode("utf-8", "replace")))
        else:
            arriving.good.append(raw)


STEPS: tuple[Step, ...] = (_open, _name, _come_from, _within, _check)
"""What is done to a request before it is kept; whether there is room was asked before its body was read."""


def accepted(arriving: Arriving, keyring: Keyring) -> list[Request]:
    """Take a request through the steps and return what is to be kept of it; raises `Refused`."""
    for step in STEPS:
        step(arriving, keyring)
    assert arriving.key and arriving.opening
    now = clock.microseconds(clock.now())
    head = _head(arriving, now)
    kept = []
    if arriving.good:
        body = b"[" + b",".join(arriving.good) + b"]"
        kept.append(Request(arriving.protocol, head, body, now))
    if arriving.dropped:
        lines = [Dropped(reason, text, arriving.protocol, head) for _, reason, text in arriving.dropped]
        kept.append(Request("drop", "", b"\n".join(map(msgspec.json.encode, lines)), now))
    return kept


def _head(arriving: Arriving, now: int) -> str:
    assert arriving.key and arriving.opening
    headers = arriving.asked.headers
    agent = headers.get("user-agent", "")
    said = {
        "source": arriving.key.source,
        "sent": arriving.opening.sent,
        "arrived": now,
        # A browser's own name; a server's is its library's, and no visitor's.
        "agent": agent[:1000] if agent.startswith(("Mozilla/", "Opera/")) else None,
        "gpc": True if headers.get("sec-gpc") == "1" else None,
    }
    return msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode()


def _mended(arriving: Arriving, error: msgspec.DecodeError) -> Opened:
    """Open a body that only half characters spoil (JavaScript and Python write them), each made U+FFFD."""
    try:
        text = json.dumps(json.loads(arriving.asked.body), ensure_ascii=False, allow_nan=False)
        return arriving.opened(_SURROGATE.sub("\ufffd", text).encode(), arriving.asked)
    except (ValueError, RecursionError):
        raise Refused(400, f"The body can't be read as what it should be ({error}): correct it.") from None
