"""The review queue: where a machine must not say who is who, and a person can."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.people import questions
from hedgerow.web.page import Page

_MOST = 25


def _review(request: Request) -> Response:
    asked, whole = questions(request.app.state.workspace, _MOST)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request, "review.html", title="Who is who?", questions=asked, whole=whole
    )


PAGE = Page(
    "/review",
    says="Who is who: questions that wait for a person.",
    endpoint=_review,
    needs="people",
    menu="Review",
)
