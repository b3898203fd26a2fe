"""What is asked over HTTP: a request's parts as the rooms behind need them, read within bounds."""

import asyncio
import base64
import gzip
import io
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from hedgerow.collect.http.answer import Refused

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MOST_BODY = 4 << 20
"""Bytes of a request's body at the most, packed or unpacked: RudderStack's own limit, which its clients fill (Segment's
is an eighth of it), and a batch that is refused they drop."""

_SECONDS = 10.0
_GZIP = b"\x1f\x8b"


class Asked:
    """One request: its method, path, query, headers (names in small letters) and body."""

    def __init__(self, scope: MutableMapping[str, Any]) -> None:
        self._scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.body = b""

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers; of one that stands twice, the last."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._scope["headers"]}

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; of one that stands twice, the last."""
        return dict(parse_qsl(self._scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace"))

    @property
    def origin(self) -> str:
        """The origin of the page that sent it, empty where no page did."""
        return self.headers.get("origin", "")

    @property
    def address(self) -> str:
        """The network address it came from; it is looked at, never kept."""
        return str((self._scope.get("client") or ("",))[0])

    @cached_property
    def user(self) -> str:
        """The user name of basic authorization, where a write key stands; empty without one."""
        scheme, _, coded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            return base64.b64decode(coded.strip(), validate=True).decode().partition(":")[0]
        except ValueError:  # no base64, no ASCII, or no UTF-8 within
            raise Refused(401, "The authorization can't be read: send the write key as the user name.") from None

    async def read(self, receive: Receive, most: int = MOST_BODY) -> None:
        """Read the body, unpacked where it is gzip whatever the headers say; raises `Refused` (408, 413, 400)."""
        message = await receive()  # The server ends what sends nothing at all; nearly every body comes whole.
        raw = message.get("body", b"")
        if message.get("more_body"):
            try:
                async with asyncio.timeout(_SECONDS):
                    raw = await _rest(raw, receive, most)
            except TimeoutError:
                raise Refused(408, f"The body took longer than {_SECONDS:.0f} seconds: send it again.", 1) from None
        _check_size(len(raw), most)
        self.body = _unpacked(raw, most) if raw[:2] == _GZIP else raw


async def _rest(first: bytes, receive: Receive, most: int) -> bytes:
    parts, size, more = [first], len(first), True
    while more:
        _check_size(size, most)
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended before its body did: send it again.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise Refused(413, f"The body is larger than {most >> 10} kB: send less at once.")


def _unpacked(raw: bytes, most: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(raw)) as packed:  # every member of it: clients write pieces one after the other
            body = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(400, f"The body is no whole gzip ({error}): send it again.") from None
    _check_size(len(body), most)
    return body
