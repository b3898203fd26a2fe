"""A refusal: one sentence, as JSON for the API and as a page for everybody else."""

from fastapi import Request
from fastapi.responses import JSONResponse, Response


def refused(request: Request, sentence: str, status: int) -> Response:
    """Return the answer that refuses a request; the sentence ends in what to do."""
    if request.scope["path"].startswith("/api/"):
        return JSONResponse({"error": sentence}, status)
    page: Response = request.app.state.rendering.page(
        request, "refused.html", status, title="That can't be shown", sentence=sentence
    )
    return page
