"""The guard: which names this server answers to, and the headers that every answer carries."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Lets through what is asked of this machine by one of its names, against DNS rebinding."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = HOSTS) -> None:
        self._app = app
        self._own = re.compile(rf"({'|'.join(map(re.escape, hosts))})(:\d{{1,5}})?", re.IGNORECASE)
        self._refusal = JSONResponse({"error": f"Hedgerow answers here only to {', '.join(hosts)}: use one."}, 400)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it where it names another host."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        known = scope["type"] != "http" or self._own.fullmatch(Headers(scope=scope).get("host", ""))
        await (self._app if known else self._refusal)(scope, receive, sending)
