"""Who is signed in: the own password, and where one is signed in."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.access import change_password, end_session, end_sessions, sessions, sign_in
from hedgerow.kit import HedgerowError
from hedgerow.web.door import address_of, form_of, let_in, let_out, own_session, own_user
from hedgerow.web.page import Page

_DONE = {
    "password": "The password is changed, and every other browser is signed out.",
    "sessions": "It is signed out.",
}


def _me(request: Request) -> Response:
    if request.method == "GET":
        return _shown(request)
    form, own = form_of(request), own_session(request)
    if form.get("act") == "password":
        return _password(request)
    if form.get("act") == "others":
        end_sessions(request.app.state.workspace, own.user, but=own.digest)
    elif form.get("session") == own.digest:
        return let_out(request)
    else:
        end_session(request.app.state.workspace, own.user, form.get("session", ""))
    return RedirectResponse("/me?done=sessions", 303)


def _password(request: Request) -> Response:
    form, state, user = form_of(request), request.app.state, own_user(request)
    try:
        sign_in(state.workspace, state.throttle, user.email, form.get("current", ""), address_of(request))
        change_password(state.workspace, user, form.get("password", ""))
    except HedgerowError as refusal:
        return _shown(request, 422, refusal.sentence)
    return let_in(request, user, "/me?done=password")


def _shown(request: Request, status: int = 200, sentence: str = "") -> Response:
    user = own_user(request)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "me.html",
        status,
        title=user.name,
        sessions=sessions(request.app.state.workspace, user),
        own=own_session(request).digest,
        sentence=sentence,
        told=_DONE.get(request.query_params.get("done", ""), ""),
    )


PAGE = Page("/me", says="The own password and sessions.", endpoint=_me, methods=("GET", "POST"))
