"""Bodies: how each way of sending messages writes them, taken apart into messages as they stand."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from hedgerow.collect.http.accepting import Opened
from hedgerow.collect.http.answer import Refused
from hedgerow.collect.http.asked import Asked

MOST_EVENTS = 2_500
"""Messages in a batch at the most: a body of commas would else become a quarter of a million drops."""

_Messages = Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_EVENTS)]
_NONE = msgspec.Raw(b"null")
_TYPES = {"p": "page", "i": "identify", "t": "track", "s": "screen", "g": "group", "a": "alias"}


class _Batch(msgspec.Struct):
    batch: _Messages
    writeKey: str | None = None  # noqa: N815
    sentAt: Any = None  # noqa: N815
    context: msgspec.Raw = _NONE


class _Single(msgspec.Struct):
    type: Any = None
    writeKey: str | None = None  # noqa: N815
    sentAt: Any = None  # noqa: N815


class _Snowplow(msgspec.Struct):
    data: _Messages


class _SnowplowEvent(msgspec.Struct):
    aid: str | None = None


_batch, _single = msgspec.json.Decoder(_Batch), msgspec.json.Decoder(_Single)
_snowplow, _snowplow_event = msgspec.json.Decoder(_Snowplow), msgspec.json.Decoder(_SnowplowEvent)


def batch(body: bytes, _: Asked) -> Opened:
    """Segment's batch: {"batch": [message…], "writeKey", "sentAt", "context"}."""
    read = _batch.decode(body)
    context = bytes(read.context)
    messages = [_within(raw, context) for raw in read.batch] if context.startswith(b"{") else read.batch
    return Opened(messages, read.writeKey or "", _text(read.sentAt))


def single(type_: str) -> Callable[[bytes, Asked], Opened]:
    """Return what opens one message, of `type_` by the path it came to: its long name, or the first letter."""
    name = _TYPES.get(type_, type_)

    def opened(body: bytes, _: Asked) -> Opened:
        read = _single.decode(body)
        text = body.strip()
        if read.type is None:
            separator = b"" if text[1:].lstrip()[:1] == b"}" else b","
            text = b'{"type":"' + name.encode() + b'"' + separator + text[1:]
        return Opened([msgspec.Raw(text)], read.writeKey or "", _text(read.sentAt))

    return opened


def pixel(type_: str) -> Callable[[bytes, Asked], Opened]:
    """Return what opens a message in the address of a picture: `data` is its JSON in base64."""

    def opened(_: bytes, asked: Asked) -> Opened:
        data = asked.query.get("data", "").replace(" ", "+")
        try:
            body = base64.b64decode(data.translate(_ALPHABET) + "=" * (-len(data) % 4), validate=True)
            body.decode()
        except ValueError:  # no base64, no ASCII, or no UTF-8 within
            raise Refused(400, "The picture's data is no base64 of JSON: write it anew.") from None
        return single(type_)(body, asked)

    return opened


def snowplow(body: bytes, _: Asked) -> Opened:
    """Snowplow's payload: {"schema", "data": [event…]}; the key is the events' app id."""
    messages = _snowplow.decode(body).data
    key = _snowplow_event.decode(messages[0]).aid if messages else None
    return Opened(messages, key or "")


def snowplow_query(_: bytes, asked: Asked) -> Opened:
    """A Snowplow event in the query of a picture's address."""
    return Opened([msgspec.Raw(msgspec.json.encode(asked.query))], asked.query.get("aid", ""))


_ALPHABET = str.maketrans("-_", "+/")


def _within(raw: msgspec.Raw, context: bytes) -> msgspec.Raw:
    """Return a message with what its batch says of all in its context, where it says nothing else itself."""
    message = msgspec.json.decode(raw)
    if not isinstance(message, dict) or not isinstance(message.get("context"), dict | None):
        return raw
    both = {**msgspec.json.decode(context), **(message.get("context") or {})}
    return msgspec.Raw(msgspec.json.encode({**message, "context": both}))


def _text(sent: object) -> str | None:
    return None if sent is None else str(sent)
