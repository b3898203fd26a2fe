"""The app: every page of the shelf, the JSON API, the assets, and one handler for refusals."""

from collections.abc import Sequence

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from hedgerow import __version__
from hedgerow.access import Throttle
from hedgerow.kit import HedgerowError, load_shelf
from hedgerow.ledger import Workspace
from hedgerow.measures import shelf
from hedgerow.web.api import api, health
from hedgerow.web.door import Gate, Guard, Needs, refused
from hedgerow.web.door.guard import HOSTS
from hedgerow.web.page import Page
from hedgerow.web.rendering import Rendering, assets

COLLECT = "http://127.0.0.1:8401"
"""Where touches are sent to, unless the app's state says another `collect_url`."""

_NOT_THIS_WAY = "This page can't be asked that way: go back to the overview."
_NO_PAGE = "There is no such page: go back to the overview."


def create_app(workspace: Workspace, hosts: Sequence[str] = HOSTS) -> FastAPI:
    """Return the pages and the API of a workspace, for who is signed in; requests for other hosts are refused."""
    app = FastAPI(title="Hedgerow", version=__version__, docs_url=None, redoc_url=None)
    app.state.workspace = workspace
    app.state.rendering = Rendering(workspace)
    app.state.throttle = Throttle()
    app.state.collect_url = COLLECT
    for name, page in load_shelf("hedgerow.web.pages", Page).items():
        app.add_api_route(
            page.path,
            page.endpoint,
            name=name,
            methods=list(page.methods),
            dependencies=[Depends(Needs(page.needs))],
            include_in_schema=False,
        )
    app.include_router(api, dependencies=[Depends(Needs("read"))])
    app.add_api_route("/healthz", health, include_in_schema=False)
    app.mount("/assets", assets(), name="assets")
    app.add_exception_handler(HedgerowError, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_middleware(Gate)
    app.add_middleware(Guard, hosts=hosts)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    known = request.path_params.get("name") in (None, *shelf())
    return refused(request, getattr(error, "sentence", str(error)), 400 if known else 404)


async def _misread(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    name = first.get("loc", ("", "address"))[-1]
    return refused(request, f"'{first.get('input')}' is no value for {name}: days are written as 2026-01-31.", 400)


async def _not_there(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    said = {404: _NO_PAGE, 405: _NOT_THIS_WAY}.get(status) or str(getattr(error, "detail", error))
    return refused(request, said, status)
