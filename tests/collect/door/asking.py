"""Asking a door in this process, without a network: what is asked is said as an ASGI server says it."""

import asyncio
import base64
import json
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from hedgerow import mill
from hedgerow.access import make_key
from hedgerow.collect.http import Door
from hedgerow.ledger import Workspace, drops

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Asked:
    """A door that is started, a key of it without a limit, and how to ask it."""

    def __init__(self, workspace: Workspace, runner: asyncio.Runner, key: str) -> None:
        self.workspace, self.runner, self.key = workspace, runner, key
        self.door = Door(workspace)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
        query: bytes = b"",
    ) -> Answer:
        """Ask once."""
        return self.runner.run(self.asking(method, path, [body], headers, query))

    async def asking(
        self,
        method: str,
        path: str,
        pieces: Sequence[bytes | None],
        headers: Sequence[tuple[bytes, bytes]] = (),
        query: bytes = b"",
    ) -> Answer:
        """Ask once, the body in pieces; of one in no pieces nothing ever comes, nor of one that ends in None."""
        scope = {"type": "http", "method": method, "path": unquote(path), "raw_path": path.encode()}
        scope |= {"query_string": query, "headers": list(headers), "client": ("203.0.113.7", 4711)}
        waiting, sent = list(pieces), []

        async def receive() -> MutableMapping[str, Any]:
            await asyncio.sleep(0 if waiting else 3600)
            piece = waiting.pop(0)
            if piece is None:
                await asyncio.sleep(3600)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        start, end = sent
        names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], names, end["body"])

    def send(self, body: object, path: str = "/v1/batch") -> Answer:
        """Send JSON with the key, from a browser without a page."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, raw, [*self.basic(), (b"user-agent", AGENT.encode())])

    def basic(self, key: str | None = None) -> list[tuple[bytes, bytes]]:
        """Return the authorization of a key, this door's own unless another is given."""
        coded = base64.b64encode(f"{self.key if key is None else key}:".encode())
        return [(b"authorization", b"Basic " + coded)]

    def turned(self) -> list[dict[str, Any]]:
        """Return the touches the ledger holds after a turn of the mill."""
        mill.turn(self.workspace)
        found: pa.Table = self.workspace.engine.sql("FROM touches ORDER BY received_at, touch_id")
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows

    def dropped(self) -> list[str]:
        """Return the reasons of what was dropped."""
        return [reason for reason, rows in drops(self.workspace, most=1_000_000).items() for _ in rows]


@contextmanager
def opened(workspace: Workspace) -> Iterator[Asked]:
    """Start a door on a workspace, and stop it behind this context."""
    key = make_key(workspace, "site", ["example.org"], rate=0)
    with asyncio.Runner() as runner:
        asked = Asked(workspace, runner, key.key)
        runner.run(asked.door.start())
        yield asked
        runner.run(asked.door.stop())
