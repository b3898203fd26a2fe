"""The sign-in page."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.access import sign_in, users
from hedgerow.kit import HedgerowError
from hedgerow.web.door import address_of, form_of, let_in, local, session_of
from hedgerow.web.page import Page


def _sign_in(request: Request) -> Response:
    form, state = form_of(request), request.app.state
    path = local(form.get("next") or request.query_params.get("next", ""))
    if request.method == "GET":
        return RedirectResponse(path, 303) if session_of(request) else _shown(request, path)
    email = form.get("email", "")
    try:
        user = sign_in(state.workspace, state.throttle, email, form.get("password", ""), address_of(request))
    except HedgerowError as refusal:
        return _shown(request, path, 422, email, refusal.sentence)
    return let_in(request, user, path)


def _shown(request: Request, path: str, status: int = 200, email: str = "", sentence: str = "") -> Response:
    nobody = not users(request.app.state.workspace)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request, "sign_in.html", status, title="Sign in", next=path, email=email, sentence=sentence, nobody=nobody
    )


PAGE = Page("/sign-in", says="Where a user signs in.", endpoint=_sign_in, needs=None, methods=("GET", "POST"))
