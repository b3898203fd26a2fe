"""The scores: who is worth most now or at a past day, and the way to anybody's reasons."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.score import person_of, ranked
from hedgerow.web.asking import instants_of
from hedgerow.web.page import Page

_SHOWN = 100


def _scores(request: Request) -> Response:
    workspace, query = request.app.state.workspace, request.query_params
    if who := query.get("who", "").strip():
        asked = "&".join(f"{name}={query[name]}" for name in ("at", "known") if query.get(name))
        return RedirectResponse(f"/scores/{person_of(workspace, who)}{'?' if asked else ''}{asked}", 303)
    at, known_at = instants_of(workspace, query)
    rows, whole, moment = ranked(workspace, _SHOWN, at, known_at)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "scores.html",
        title="Scores",
        rows=rows.to_pylist(),
        whole=whole,
        moment=moment,
        asked={name: query.get(name, "") for name in ("at", "known")},
    )


PAGE = Page(
    "/scores",
    says="Who is worth most, by fit and engagement, now or at a past day.",
    endpoint=_scores,
    menu="Scores",
)
