"""The app: every page of the shelf, the JSON API, the assets, and one handler for refusals."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from hedgerow import __version__
from hedgerow.kit import HedgerowError, load_shelf
from hedgerow.ledger import Workspace
from hedgerow.web.api import api
from hedgerow.web.page import Page
from hedgerow.web.rendering import Rendering, assets

HOSTS = ["127.0.0.1", "localhost", "[::1]"]
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(workspace: Workspace) -> FastAPI:
    """Return the pages and the API of a workspace; requests for another host than this machine are refused."""
    app = FastAPI(title="Hedgerow", version=__version__, docs_url=None, redoc_url=None)
    app.state.workspace = workspace
    app.state.rendering = Rendering(workspace)
    for name, page in load_shelf("hedgerow.web.pages", Page).items():
        app.add_api_route(page.path, page.endpoint, name=name, include_in_schema=False)
    app.include_router(api)
    app.mount("/assets", assets(), name="assets")
    app.add_exception_handler(HedgerowError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.middleware("http")(_with_headers)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    return app


async def _with_headers(request: Request, respond: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await respond(request)
    response.headers.update(HEADERS)
    return response


async def _refused(request: Request, error: Exception) -> Response:
    return _said(request, getattr(error, "sentence", str(error)), 400)


async def _not_there(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return _said(request, "There is no such page: go back to the overview.", status)


def _said(request: Request, sentence: str, status: int) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status)
    rendering: Rendering = request.app.state.rendering
    return rendering.page(request, "refused.html", status, title="That can't be shown", sentence=sentence)
