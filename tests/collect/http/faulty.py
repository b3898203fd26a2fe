"""A proxy before the door that goes wrong on purpose: a fault for each of the first requests, then none."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ANSWERS = {
    "429": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n",
    "500": b"HTTP/1.1 500 Internal Server Error\r\n",
    "503": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n",
    "400": b"HTTP/1.1 400 Bad Request\r\n",
    "401": b"HTTP/1.1 401 Unauthorized\r\n",
}
FAULTS = ("429", "500", "503", "cut body", "cut answer", "late answer")
"""An answer of that status; cut in the body's midst; cut, or late, when the door has it and has answered."""

_BODY = b'{"success":false,"code":"unavailable","message":"Later.","error":"Later."}'
_CLOSE = {"content-type": "application/json", "connection": "close", "content-length": str(len(_BODY))}
LATE = 3.5
"""Seconds that a late answer takes."""


@dataclass
class Proxy:
    """Where it listens, what it still has to do wrong, and the bodies of what was asked of it by POST or GET."""

    door: int
    faults: list[str]
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    """The status that each request was answered with, 0 where it was cut."""
    _open: "dict[asyncio.Task[Any] | None, asyncio.StreamWriter]" = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address that clients are given in place of the door's."""
        return f"http://127.0.0.1:{self.port}"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection, which holds one request."""
        self._open[asyncio.current_task()] = writer
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head, body = await _request(reader)
            tried = not head.startswith(b"OPTIONS")
            fault = self.faults.pop(0) if tried and self.faults else ""
            answer = await self._answer(head, body, fault)
            if tried:
                self.asked.append(head.split(b" ")[1] + body)
                self.answered.append(int(answer[9:12] or 0))
            if fault == "late answer":
                await asyncio.sleep(LATE)
            writer.write(answer)
            await writer.drain()
        await _close(writer)
        del self._open[asyncio.current_task()]

    async def close(self) -> None:
        """Hang up on whoever still waits."""
        for writer in self._open.values():
            writer.transport.abort()
        while self._open:
            await asyncio.sleep(0.01)

    async def _answer(self, head: bytes, body: bytes, fault: str) -> bytes:
        if fault in ANSWERS:
            origin = re.search(rb"\r\norigin: ([^\r]+)", head, re.IGNORECASE)
            said = [f"{name}: {value}".encode() for name, value in _CLOSE.items()]
            if origin:  # as the door answers a page whose site it knows
                said += [b"access-control-allow-origin: " + origin[1], b"access-control-allow-credentials: true"]
                said += [b"access-control-expose-headers: retry-after"]
            return ANSWERS[fault] + b"\r\n".join([*said, b"", _BODY])
        if fault == "cut body":
            await self._ask(head + body[: len(body) // 2], hold=False)
            return b""
        answer = await self._ask(head + body)
        return b"" if fault == "cut answer" else answer

    async def _ask(self, request: bytes, hold: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.door)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read() if hold else b""
        finally:
            await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    lines = [line for line in head.rstrip().split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""]), body


@contextlib.contextmanager
def faulty(door: int, *series: list[str]) -> Iterator[list[Proxy]]:
    """Serve within this context a proxy for each series of faults, before the door at a port of 127.0.0.1."""
    proxies, loop = [Proxy(door, list(faults)) for faults in series], asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        servers = [await asyncio.start_server(proxy.take, "127.0.0.1", 0, limit=1 << 20) for proxy in proxies]
        for proxy, server in zip(proxies, servers, strict=True):
            proxy.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        for server in servers:
            server.close()
        await asyncio.gather(*(proxy.close() for proxy in proxies))

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxies
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
