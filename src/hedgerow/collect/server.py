"""The server: HTTP as a door on the internet needs it, within bounds of memory, time and open files."""

import asyncio
import gc
import resource
import socket
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 << 10
"""Bytes of a request's line and headers at the most."""

SECONDS = 20.0
"""A request that has not arrived whole in this time, or twice it at the most, is ended; so is silence."""

_KEEP_ALIVE = 30
_SENTENCE = b"The headers are larger than 64 kB: send fewer or less."
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_SENTENCE), _SENTENCE)
)


def server(app: Any, host: str, port: int) -> uvicorn.Server:
    """Return what serves an ASGI app at `host`:`port`, with as many connections as the system lets it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Bounded,
        ws="none",
        # What strangers send is answered, not logged.
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )
    return _Settled(config)


class _Settled(uvicorn.Server):
    """A server whose modules the collector of garbage leaves alone: going through them stops it for 130 ms."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, with all that is loaded by now out of the collector's sight."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


class Bounded(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, which itself holds headers of any size, for ever."""

    _head: int | None = 0
    """Bytes of the head that is being read; None between heads."""

    _whole = False
    _messages = 0
    _looked_at = -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch a connection."""
        super().connection_made(cast(asyncio.Transport, _Gathering(transport, self.loop)))
        self._watch = self.loop.call_later(SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch it no more."""
        super().connection_lost(exc)
        self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, where the head is not too large already."""
        messages = self._messages
        super().data_received(data)
        if self._head is not None and self._messages == messages:
            self._head += len(data)
            if self._head > MOST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._whole = 0, False
        self._messages += 1

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is whole."""
        self._whole = True
        super().on_message_complete()

    def _look(self) -> None:
        if not self._whole and self._looked_at == self._messages:
            self.transport.abort()
            return
        self._looked_at = self._messages
        self._watch = self.loop.call_later(SECONDS, self._look)


class _Gathering:
    """A transport that writes what is sent in one go of the loop at once: uvicorn sends a head and its body apart."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()
