"""The door: every path that collecting answers to, each with what takes it; it can face the internet alone."""

import asyncio
import contextlib
import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import sqlalchemy as sa

from hedgerow.collect import hooks, mentions
from hedgerow.collect.http import answer, bodies
from hedgerow.collect.http.accepting import Arriving, Opened, accepted
from hedgerow.collect.http.answer import SCRIPT, TEXT, Answer, Refused, Send
from hedgerow.collect.http.asked import Asked, Receive
from hedgerow.collect.http.front import Front
from hedgerow.collect.http.keyring import Bucket, Keyring
from hedgerow.collect.http.openapi import document
from hedgerow.collect.visits import Links
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace

Endpoint = Callable[[Asked, Receive], Awaitable[Answer]]
TYPES = ("track", "identify", "page", "screen", "group", "alias")
SHORT = ("t", "i", "p", "s", "g", "a")
SNOWPLOW = "/com.snowplowanalytics.snowplow/tp2"
_MENTIONS, _ADDRESSES = 1.0, 10_000
T = TypeVar("T")


class Door:
    """The ASGI app of collecting for one workspace; it must be started (`lifespan`) before it is asked."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.front, self.keyring, self.links = Front(workspace), Keyring(workspace), Links(workspace)
        self._strangers = lru_cache(_ADDRESSES)(lambda _: Bucket(_MENTIONS))
        self._watching: list[asyncio.Task[None]] = []
        self._exact = self._routes()
        self._patterns: tuple[tuple[str, re.Pattern[str], Callable[..., Awaitable[Answer]]], ...] = (
            ("GET", re.compile(r"/v1/projects/([^/]+)/settings"), self._settings),
            ("GET", re.compile(r"/l/([^/]+)"), self._follow),
            ("HEAD", re.compile(r"/l/([^/]+)"), self._follow),
            ("GET", re.compile(r"/o/([^/]+)\.gif"), self._open),
            ("POST", re.compile(r"/hooks/([^/]+)"), self._hook),
        )

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request; nothing that is sent can make it raise."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        asked = Asked(scope)
        origin = asked.origin if asked.origin and self.keyring.knows(asked.origin) else ""
        try:
            said = await self._answer(asked, receive)
        except Refused as refused:
            # A page may always read why it was refused: else its script takes it for a lost connection and tries on.
            said, origin = answer.of_refusal(refused), origin or ("*" if asked.origin else "")
        await said.send(send, asked.method, origin)

    async def start(self) -> None:
        """Read the keys and begin to watch them, and the room there is."""
        await asyncio.to_thread(self.keyring.refresh)
        self._watching = [asyncio.create_task(self._keep_keys()), asyncio.create_task(self.front.watch())]

    async def stop(self) -> None:
        """Commit what waits and end what watches."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self.front.close()

    def _routes(self) -> dict[tuple[str, str], Endpoint]:
        routes: dict[tuple[str, str], Endpoint] = {
            ("POST", "/v1/batch"): self._messages("segment", bodies.batch),
            ("POST", "/v1/b"): self._messages("segment", bodies.batch),
            ("POST", SNOWPLOW): self._messages("snowplow", bodies.snowplow),
            ("GET", "/i"): self._picture("snowplow", bodies.snowplow_query),
            ("POST", "/v1/links"): self._share,
            ("POST", "/webmention"): self._mention,
            ("GET", "/hedgerow.js"): _script,
            ("GET", "/openapi.json"): _document,
            ("GET", "/healthz"): self._health,
        }
        for name in (*TYPES, *SHORT):
            routes["POST", f"/v1/{name}"] = self._messages("segment", bodies.single(name))
        for name in TYPES:
            routes["GET", f"/v1/pixel/{name}"] = self._picture("segment", bodies.pixel(name))
        return routes

    async def _answer(self, asked: Asked, receive: Receive) -> Answer:
        endpoint = self._exact.get((asked.method, asked.path))
        if endpoint:
            return await endpoint(asked, receive)
        for method, pattern, take in self._patterns:
            if (found := pattern.fullmatch(asked.path)) and method == asked.method:
                return await take(asked, receive, *found.groups())
        return self._elsewhere(asked)

    def _elsewhere(self, asked: Asked) -> Answer:
        methods = {method for method, path in self._exact if path == asked.path}
        methods |= {method for method, pattern, _ in self._patterns if pattern.fullmatch(asked.path)}
        if not methods:
            raise Refused(404, "Nothing is collected here: see /openapi.json for what is.")
        if asked.method == "OPTIONS":
            headers = {"access-control-allow-methods": ", ".join(sorted(methods)), "access-control-max-age": "86400"}
            # Segment's browser client adds one when it tries again, and sites add their own.
            wanted = asked.headers.get("access-control-request-headers", "authorization, content-type")
            headers["access-control-allow-headers"] = wanted
            return Answer(204, headers=headers)
        allowed = ", ".join(sorted(methods))
        refusal = answer.of_refusal(Refused(405, f"This path takes {allowed} alone: ask it so."))
        return Answer(405, refusal.body, refusal.kind, {"allow": allowed})

    def _messages(self, protocol: str, opened: Callable[[bytes, Asked], Opened]) -> Endpoint:
        async def take(asked: Asked, receive: Receive) -> Answer:
            self.front.check_room()
            await asked.read(receive)
            return await self._keep(Arriving(asked, protocol, opened))

        return take

    def _picture(self, protocol: str, opened: Callable[[bytes, Asked], Opened]) -> Endpoint:
        async def take(asked: Asked, receive: Receive) -> Answer:
            kept = await self._keep(Arriving(asked, protocol, opened))
            return answer.of_picture(kept.status)

        return take

    async def _keep(self, arriving: Arriving) -> Answer:
        requests = accepted(arriving, self.keyring)
        if requests:
            await self.front.keep(requests)
        dropped = [{"index": place, "reason": reason} for place, reason, _ in arriving.dropped]
        if not dropped:
            return _SUCCESS
        if not arriving.good:
            first = dropped[0]["reason"]
            said = f"Nothing could be kept: {first}." if len(dropped) > 1 else f"It could not be kept: {first}."
            return answer.of_refusal(Refused(400, said))
        return answer.of_json({"success": True, "dropped": dropped})

    async def _settings(self, asked: Asked, _: Receive, key: str) -> Answer:
        found = self.keyring.find(key)
        if asked.origin:
            self.keyring.check_site(found, asked.origin)
        said = _client_settings(key, self.workspace.settings.collect.url)
        return answer.of_json(said, headers={"cache-control": "public, max-age=300"})

    async def _follow(self, asked: Asked, _: Receive, code: str) -> Answer:
        link = await self.links.find(code)
        request, target = self.links.followed(link, asked)
        with contextlib.suppress(Refused, TimeoutError):
            # Who follows a link is not kept waiting; what could not be kept was never acknowledged.
            await asyncio.wait_for(self.front.keep([request]), 2.0)
        return Answer(302, kind=TEXT, headers={"location": target, "referrer-policy": "no-referrer-when-downgrade"})

    async def _open(self, asked: Asked, _: Receive, code: str) -> Answer:
        link = await self.links.find(code)
        await self.front.keep([self.links.opened(link, asked)])
        return answer.of_picture()

    async def _share(self, asked: Asked, receive: Receive) -> Answer:
        self.front.check_room()
        await asked.read(receive, 16 << 10)
        _, make = self.links.share(self.keyring, asked)
        link = await asyncio.to_thread(make)
        url = f"{self.workspace.settings.collect.url.rstrip('/')}/l/{link.code}"
        return answer.of_json({"url": url, "code": link.code, "generation": link.generation})

    async def _mention(self, asked: Asked, receive: Receive) -> Answer:
        self.front.check_room()
        if wait := self._strangers(asked.address).take(1):
            raise Refused(429, "One mention a second is taken from one address: send it again later.", wait)
        await asked.read(receive, 16 << 10)
        said = dict(parse_qsl(asked.body.decode("utf-8", "replace"), errors="replace"))
        if missing := {"source", "target"} - set(said):
            raise Refused(400, f"A webmention has a source and a target: say its {min(missing)}.")
        await _refusing(lambda: mentions.receive(self.workspace, said["source"], said["target"]))
        return answer.of_json({"success": True, "says": "It will be verified."}, 202)

    async def _hook(self, asked: Asked, receive: Receive, name: str) -> Answer:
        self.front.check_room()
        await asked.read(receive)
        request = await _refusing(lambda: hooks.received(self.workspace, name, asked.headers, asked.body))
        await self.front.keep([request])
        return _SUCCESS

    async def _health(self, _: Asked, __: Receive) -> Answer:
        self.front.check_room()
        return answer.of_json({"ok": True})

    async def _keep_keys(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            with contextlib.suppress(sa.exc.SQLAlchemyError, OSError):
                await asyncio.to_thread(self.keyring.refresh)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "lifespan.shutdown":
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


async def _refusing(do: Callable[[], T]) -> T:
    """Return what is done on another thread; a refusal of the room behind is one of ours."""
    try:
        return await asyncio.to_thread(do)
    except hooks.Unknown as error:
        raise Refused(404, error.sentence) from None
    except hooks.Forged as error:
        raise Refused(401, error.sentence) from None
    except HedgerowError as error:
        raise Refused(400, error.sentence) from None
    except (sa.exc.SQLAlchemyError, OSError):
        raise Refused(503, "It could not be kept just now: send it again in a moment.", 5) from None


_SUCCESS = answer.of_json({"success": True})


async def _script(asked: Asked, _: Receive) -> Answer:
    body, packed, tag = _site_script()
    headers = {"cache-control": "public, max-age=3600", "etag": tag, "access-control-allow-origin": "*"}
    headers["vary"] = "Accept-Encoding"
    if asked.headers.get("if-none-match") == tag:
        return Answer(304, kind=SCRIPT, headers=headers)
    if "gzip" in asked.headers.get("accept-encoding", ""):
        return Answer(200, packed, SCRIPT, {**headers, "content-encoding": "gzip"})
    return Answer(200, body, SCRIPT, headers)


async def _document(_: Asked, __: Receive) -> Answer:
    return Answer(200, document())


@cache
def _site_script() -> tuple[bytes, bytes, str]:
    body = files("hedgerow.collect.http").joinpath("site/hedgerow.js").read_bytes()
    return body, gzip.compress(body, 9, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _client_settings(key: str, url: str) -> dict[str, object]:
    """Return what Segment's browser client asks for before it sends: only ourselves, and every event allowed.

    It is told where we are and to measure nothing, or it would send both its messages and its own failures to Segment.
    """
    protocol, _, host = url.rstrip("/").partition("://")
    own = {"apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": True, "maybeBundledConfigIds": {}}
    own |= {"apiHost": f"{host}/v1", "protocol": protocol}
    own["versionSettings"] = {"version": "4.4.7", "componentTypes": ["browser"]}
    every = {"__default": {"enabled": True, "integrations": {}}}
    plan = dict.fromkeys(("track", "identify", "group"), every)
    said: dict[str, object] = {"integrations": {"Segment.io": own}, "plan": plan, "metrics": {"sampleRate": 0}}
    return {**said, "edgeFunction": {}, "legacyVideoPluginsEnabled": False}
