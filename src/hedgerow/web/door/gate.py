"""The gate: nobody sees a page who is not signed in, and no write passes that our own pages did not make."""

import secrets
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hedgerow.access import find_session
from hedgerow.web.door.csrf import FIELD, HEADER, is_own, is_token, token_of
from hedgerow.web.door.refusal import refused
from hedgerow.web.door.visit import COOKIE, form_of, session_of

SAFE = ("GET", "HEAD", "OPTIONS")
FORM = 1 << 20
"""Bytes that a form may be long."""
_VISITOR = "hedgerow_visitor"
_FORM_TYPE = "application/x-www-form-urlencoded"
_STRANGE = "This was not sent from a page of Hedgerow's: open the page again and send it from there."
_STALE = "This page was open for too long to be sent: open it again and send it from there."


class Gate:
    """Finds the session a request came with, and lets it through, or sends it away.

    What it finds is the request's state: `session` (or None), `csrf` (the token a write must carry) and `form`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that may come in, refuse one that may not."""
        if scope["type"] == "websocket":  # nothing here speaks it, so nothing of it is let in unseen
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            await self._receive(Request(scope, receive), send)
        else:
            await self._app(scope, receive, send)

    async def _receive(self, request: Request, send: Send) -> None:
        request.state.session, request.state.csrf, request.state.form = None, "", ImmutableMultiDict()
        if _is_free(request.scope["path"]):
            await self._app(request.scope, request.receive, send)
            return
        secret = await _recognise(request)
        refusal, receive = await _refusal(request, secret)
        await (refusal or self._app)(request.scope, receive, _keeping_nothing(request, secret, send))


def is_open(path: str) -> bool:
    """Return whether a page is there for those who are not signed in."""
    return path == "/sign-in" or path.startswith("/welcome/")


def _is_free(path: str) -> bool:
    return path == "/healthz" or path.startswith("/assets/")


async def _recognise(request: Request) -> str:
    """Note whose request it is, and return the secret its browser keeps, which its writes must know of."""
    token, state = request.cookies.get(COOKIE, ""), request.state
    if token:
        state.session = await run_in_threadpool(find_session, request.app.state.workspace, token)
    secret = token if state.session else request.cookies.get(_VISITOR, "")
    if not secret and request.method in SAFE:
        secret = secrets.token_urlsafe(32)
    state.csrf = token_of(secret)
    return secret


async def _refusal(request: Request, secret: str) -> tuple[Response | None, Receive]:
    """Return why a request is sent away, or None, and what it is read from after that."""
    receive = request.receive
    if session_of(request) is None and not is_open(request.scope["path"]):
        return _sign_in_first(request), receive
    if request.method in SAFE:
        return None, receive
    if not is_own(request.headers):
        return refused(request, _STRANGE, 403), receive
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM_TYPE:
        body = await _read(request)
        if body is None:
            return refused(request, "That is more than a form may hold: send less.", 413), receive
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        request.state.form, receive = ImmutableMultiDict(fields), _again(body, receive)
    said = request.headers.get(HEADER) or form_of(request).get(FIELD, "")
    return None if is_token(said, secret) else refused(request, _STALE, 403), receive


def _sign_in_first(request: Request) -> Response:
    if request.scope["path"].startswith("/api/"):
        return refused(request, "Nobody is signed in: sign in at /sign-in first.", 401)
    wanted = quote(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")
    there = f"/sign-in?next={quote(wanted)}" if request.method in SAFE and wanted != "/" else "/sign-in"
    if request.headers.get("HX-Request") == "true":  # it would put the sign-in page into the answer
        return Response(status_code=401, headers={"HX-Redirect": there})
    return RedirectResponse(there, 303)


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM:
            return None
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return waiting.pop() if waiting else await receive()

    return receiving


def _keeping_nothing(request: Request, secret: str, send: Send) -> Send:
    """Return what sends an answer that no browser keeps where it was written or nobody was signed in."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if session_of(request) is None or request.method not in SAFE:
                headers["Cache-Control"] = "no-store"
            if secret and session_of(request) is None and _VISITOR not in request.cookies:
                headers.append("Set-Cookie", _visitor(request, secret))
        await send(message)

    return sending


def _visitor(request: Request, secret: str) -> str:
    response = Response()
    secure = request.url.scheme == "https"
    response.set_cookie(_VISITOR, secret, path="/", secure=secure, httponly=True, samesite="lax")
    return response.headers["set-cookie"]
