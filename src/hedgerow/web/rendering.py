"""Rendering: templates, assets by their content's hash, and what every page shows around its own."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from hedgerow.access import User, time_of
from hedgerow.kit import load_shelf
from hedgerow.ledger import Workspace, zone_of
from hedgerow.measures import shelf
from hedgerow.web.door import browser_of, session_of
from hedgerow.web.page import Page

ASSETS = Path(__file__).parent / "assets"
_FOREVER = "public, max-age=31536000, immutable"


class Rendering:
    """The templates of a workspace's pages; text is escaped unless a template is ours."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._templates = Environment(
            loader=PackageLoader("hedgerow.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(asset=asset)
        self._templates.filters.update(moment=self._moment, browser=browser_of, time_of=time_of)

    def page(self, request: Request, template: str, status: int = 200, **said: Any) -> HTMLResponse:
        """Return a page; `said` is what its template shows. A request by htmx gets the answer part alone."""
        found = self._templates.get_template(template)
        asks_part = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
        session = session_of(request)
        user = session.user if session else None
        html = found.render(
            layout="fragment.html" if asks_part and "answer" in found.blocks else "base.html",
            workspace=self._workspace.settings.workspace,
            measures=shelf(),
            here=request.url.path,
            user=user,
            menu=[page for page in load_shelf("hedgerow.web.pages", Page).values() if page.menu and _sees(user, page)],
            csrf=request.state.csrf,
            **said,
        )
        return HTMLResponse(html, status, headers={"Vary": "HX-Request"})

    def _moment(self, instant: datetime) -> str:
        return instant.astimezone(zone_of(self._workspace)).strftime("%Y-%m-%d %H:%M")


def _sees(user: User | None, page: Page) -> bool:
    return user is not None and (page.needs is None or user.may(page.needs))


@cache
def asset(name: str) -> str:
    """Return an asset's address, which changes with its content."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{name}?{digest}"


class _Kept(StaticFiles):
    """Assets that a browser keeps for ever, where the address carries the content's hash."""

    async def get_response(self, path: str, scope: AsgiScope) -> Response:
        response = await super().get_response(path, scope)
        if scope.get("query_string"):
            response.headers["Cache-Control"] = _FOREVER
        return response


def assets() -> StaticFiles:
    """Return the app that serves the assets of the package."""
    return _Kept(directory=ASSETS)
