"""Rendering: templates, assets by their content's hash, and what every page shows around its own."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from hedgerow.ledger import Workspace
from hedgerow.measures import shelf

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

    def page(self, request: Request, template: str, status: int = 200, **said: Any) -> HTMLResponse:
        """Return a page; `said` is what its template shows. A request by htmx gets the answer part alone."""
        found = self._templates.get_template(template)
        asks_part = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
        html = found.render(
            layout="fragment.html" if asks_part and "answer" in found.blocks else "base.html",
            workspace=self._workspace.settings.workspace,
            measures=shelf(),
            here=request.url.path,
            **said,
        )
        return HTMLResponse(html, status, headers={"Vary": "HX-Request"})


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
