"""The app: every page of the shelf, the JSON API, the assets, and one handler for refusals."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from hedgerow import __version__
from hedgerow.kit import HedgerowError, load_shelf
from hedgerow.ledger import Workspace
from hedgerow.measures import shelf
from hedgerow.web.api import api, health
from hedgerow.web.guard import Guard
from hedgerow.web.page import Page
from hedgerow.web.rendering import Rendering, assets

_READ_ONLY = "Pages and measures are only read: ask with GET."
_NO_PAGE = "There is no such page: go back to the overview."


def create_app(workspace: Workspace) -> FastAPI:
    """Return the pages and the API of a workspace; requests for another host than this machine are refused."""
    app = FastAPI(title="Hedgerow", version=__version__, docs_url=None, redoc_url=None)
    app.state.workspace = workspace
    app.state.rendering = Rendering(workspace)
    for name, page in load_shelf("hedgerow.web.pages", Page).items():
        app.add_api_route(page.path, page.endpoint, name=name, include_in_schema=False)
    app.include_router(api)
    app.add_api_route("/healthz", health, include_in_schema=False)
    app.mount("/assets", assets(), name="assets")
    app.add_exception_handler(HedgerowError, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_middleware(Guard)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    known = request.path_params.get("name") in (None, *shelf())
    return _said(request, getattr(error, "sentence", str(error)), 400 if known else 404)


async def _misread(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    name = first.get("loc", ("", "address"))[-1]
    return _said(request, f"'{first.get('input')}' is no value for {name}: days are written as 2026-01-31.", 400)


async def _not_there(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return _said(request, _READ_ONLY if status == 405 else _NO_PAGE, status)


def _said(request: Request, sentence: str, status: int) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status)
    rendering: Rendering = request.app.state.rendering
    return rendering.page(request, "refused.html", status, title="That can't be shown", sentence=sentence)
