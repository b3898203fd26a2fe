"""The live page: touches as they arrive."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.web.page import Page


def _live(request: Request) -> Response:
    return request.app.state.rendering.page(request, "live.html", title="Live")  # type: ignore[no-any-return]


PAGE = Page("/live", says="Touches as they arrive.", endpoint=_live, menu="Live")
