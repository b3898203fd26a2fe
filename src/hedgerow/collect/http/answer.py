"""An answer: what a request is sent back, and how; a refusal is one that says why."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hedgerow.kit import HedgerowError, clock

Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON, TEXT, SCRIPT = "application/json", "text/plain; charset=utf-8", "text/javascript; charset=utf-8"
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
}
_CODES = {400: "invalid_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited"}


class Refused(HedgerowError):
    """A request that is not taken. `status` is HTTP's, `wait` the seconds after which to try again (0: don't)."""

    def __init__(self, status: int, sentence: str, wait: int = 0) -> None:
        super().__init__(sentence)
        self.status, self.wait = status, wait


@dataclass(frozen=True)
class Answer:
    """A status, a body of some kind, and headers beside those every answer carries."""

    status: int = 200
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, send: Send, method: str, origin: str) -> None:
        """Send it; pages at `origin` may read it (empty: none may)."""
        headers = {"content-type": self.kind, "content-length": str(len(self.body)), **_ALWAYS, **self.headers}
        headers.setdefault("cache-control", "no-store")
        if origin:
            headers |= {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
            headers |= {"access-control-expose-headers": "retry-after, x-ratelimit-reset", "vary": "Origin"}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else self.body})


def of_json(said: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer that says something as JSON."""
    return Answer(status, msgspec.json.encode(said), headers=headers or {})


def of_picture(status: int = 200) -> Answer:
    """Return a picture of one clear pixel."""
    return Answer(status, _GIF, "image/gif")


def of_refusal(refused: Refused) -> Answer:
    """Return what a refusal is answered with, as the trackers' clients expect it."""
    said = {"success": False, "error": refused.sentence, "message": refused.sentence}
    said["code"] = _CODES.get(refused.status, "unavailable" if refused.status >= 500 else "invalid_request")
    if not refused.wait:
        return of_json(said, refused.status)
    reset = str(int(clock.now().timestamp()) + refused.wait)
    return Answer(
        refused.status, msgspec.json.encode(said), JSON, {"retry-after": str(refused.wait), "x-ratelimit-reset": reset}
    )
