"""An exchange: one request and its answer over a connection to an address that was checked, within a deadline."""

import gzip
import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

from hedgerow.kit.errors import HedgerowError
from hedgerow.kit.fetch.place import (
    Address,
    Allow,
    Place,
    Resolve,
    Unfetchable,
    addresses,
    is_public,
    look_up,
    place_of,
)

MOST = 1 << 20
TIMEOUT = 10.0
_MOVED = (301, 302, 303, 307, 308)
_FOR_ONE_ORIGIN = ("authorization", "cookie")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Fetched:
    """What was answered: `url` is where it came from in the end, `headers` have names in small letters."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    redirects: int


def fetch(
    url: str,
    *,
    most: int = MOST,
    timeout: float = TIMEOUT,
    redirects: int = 5,
    headers: Mapping[str, str] = _NOTHING,
    body: bytes | None = None,
    meet: Callable[[Place], None] = lambda _: None,
    resolve: Resolve = look_up,
    allow: Allow = is_public,
) -> Fetched:
    """Return what is at `url`, by GET, or what is answered to `body`, by POST (which no redirect is followed for).

    The answer has at most `most` bytes, unpacked too, and is whole; everything takes at most `timeout` seconds.
    Each name is looked up once, all its addresses have to be allowed, and the connection is made to one of those.
    `meet` is called with each place before it is spoken to. Raises `Unfetchable` with the reason.
    """
    until = time.monotonic() + timeout
    place, sent = place_of(url), {name.lower(): value for name, value in headers.items()}
    for followed in range(redirects + 1):
        meet(place)
        answer = _exchange(place, sent, body, most, until, resolve, allow)
        location = answer.headers.get("location", "")
        if body is not None or answer.status not in _MOVED or not location:
            return Fetched(answer.status, place.url, answer.headers, answer.body, followed)
        next_place = place_of(urljoin(place.url, location))
        if next_place.origin != place.origin:
            sent = {name: value for name, value in sent.items() if name not in _FOR_ONE_ORIGIN}
        place = next_place
    raise Unfetchable(f"{url} redirects more than {redirects} times: give the address it leads to.")


def _exchange(
    place: Place,
    headers: Mapping[str, str],
    body: bytes | None,
    most: int,
    until: float,
    resolve: Resolve,
    allow: Allow,
) -> Fetched:
    try:
        found = _within(until, lambda: addresses(place, resolve, allow))
        with closing(_connected(place, found, until)) as connection:
            wire = _Wire(connection, until)
            wire.send(_request(place, headers, body))
            response = _begun(wire)
            answered = {name.lower(): _text(value) for name, value in _joined(response).items()}
            redirected = body is None and response.status in _MOVED and "location" in answered
            return Fetched(response.status, place.url, answered, b"" if redirected else _body(response, most), 0)
    except TimeoutError:
        raise Unfetchable(f"{place.origin} did not answer in time: try again later.", True) from None
    except ssl.SSLCertVerificationError as error:
        raise Unfetchable(f"{place.origin} has a bad certificate ({error.verify_message}): renew it.", True) from None
    except (HTTPException, ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"{type(error).__name__}: {str(error)[:100]}"
        raise Unfetchable(f"{place.origin} sent a broken answer ({reason}): try again later.", True) from None
    except OSError as error:
        raise Unfetchable(f"{place.origin} can't be reached ({error}): try again later.", True) from None


def _within(until: float, call: Callable[[], list[Address]]) -> list[Address]:
    # The system's resolver knows no deadline, so it is left behind where it takes too long.
    answers: SimpleQueue[list[Address] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(call())
        except (HedgerowError, OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=run, name="look up", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(until))
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _connected(place: Place, found: list[Address], until: float) -> socket.socket:
    for tried, address in enumerate(found):
        try:
            share = _left(until) / (len(found) - tried)
            connection = socket.create_connection((str(address), place.port), share)
            break
        except OSError:
            if tried == len(found) - 1:
                raise
    if place.scheme == "http":
        return connection
    connection.settimeout(_left(until))
    try:
        return ssl.create_default_context().wrap_socket(connection, server_hostname=place.host)
    except BaseException:
        connection.close()
        raise


def _request(place: Place, headers: Mapping[str, str], body: bytes | None) -> bytes:
    sent = {"host": place.authority, "user-agent": "Hedgerow", "accept": "*/*", "accept-encoding": "gzip"}
    sent |= {**headers, "connection": "close"}
    if body is not None:
        sent["content-length"] = str(len(body))
    lines = [f"{'GET' if body is None else 'POST'} {place.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise Unfetchable(f"A header for {place.origin} holds a line break: leave it out.")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


class _Wire(io.RawIOBase):
    """A connection each of whose waits ends with the time of the whole: a server that drips gains nothing."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._until))
        return self._connection.recv_into(buffer)

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._connection.settimeout(_left(self._until))
            rest = rest[self._connection.send(rest) :]

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(self)


def _begun(wire: _Wire) -> HTTPResponse:
    response = HTTPResponse(wire)  # type: ignore[arg-type]
    response.begin()
    while 100 <= response.status < 200 and response.status != 101:  # hints that come before the answer
        response.headers = None  # type: ignore[assignment]
        response.begin()
    return response


def _joined(response: HTTPResponse) -> dict[str, str]:
    names = {name.lower() for name in response.headers}
    return {name: ", ".join(response.headers.get_all(name, [])) for name in names}


def _text(value: str) -> str:
    # The standard library reads headers as Latin-1; what was sent in UTF-8 is read so again.
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _body(response: HTTPResponse, most: int) -> bytes:
    too_large = Unfetchable(f"The answer is larger than {most} bytes: give the address of something smaller.")
    if (response.length or 0) > most:
        raise too_large
    if response.headers.get("transfer-encoding") and not response.chunked:
        raise HTTPException("its transfer coding is unknown")
    body = b""
    while piece := response.read(min(1 << 16, most + 1 - len(body))):
        body += piece
        if len(body) > most:
            raise too_large
    if response.length:
        raise HTTPException(f"it ends {response.length} bytes early")
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("gzip", "x-gzip") and body:
        body = gzip.GzipFile(fileobj=io.BytesIO(body)).read(most + 1)
        if len(body) > most:
            raise too_large
    elif coding not in ("", "identity", "gzip", "x-gzip"):
        raise HTTPException(f"it is packed as {coding[:20]!r}, which was not asked for")
    return body


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
