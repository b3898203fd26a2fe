"""People: search, and those seen last."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import HedgerowError, nearest
from hedgerow.people import ONLY, questions, search
from hedgerow.web.page import Page

_MOST = 50


def _people(request: Request) -> Response:
    text, only = request.query_params.get("text", "").strip()[:200], request.query_params.get("only", "identified")
    if only not in ONLY:
        raise HedgerowError(f"Nobody can be asked for by '{only}'.{nearest(only, ONLY)}")
    found, whole = search(request.app.state.workspace, text, only, _MOST)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "people.html",
        title="People",
        people=found,
        whole=whole,
        said={"text": text, "only": only},
        only=ONLY,
        open=questions(request.app.state.workspace, 0)[1],
    )


PAGE = Page("/people", says="Everybody the ledger knows: search, and those seen last.", endpoint=_people, menu="People")
