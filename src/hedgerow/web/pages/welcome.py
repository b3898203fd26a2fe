"""The page of a one-time link: it makes a user, or gives one a new password."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.access import Invitation, accept, enter, find_invitation
from hedgerow.kit import HedgerowError
from hedgerow.web.door import form_of, let_in
from hedgerow.web.page import Page


def _welcome(request: Request) -> Response:
    workspace, token = request.app.state.workspace, request.path_params["token"]
    try:
        invitation = find_invitation(workspace, token)
        # The demo's link, made by `hedgerow demo` alone, asks for nothing.
        if invitation.signs_in:
            return let_in(request, enter(workspace, token))
    except HedgerowError as refusal:
        return _shown(request, None, 410, refusal.sentence)
    if request.method == "GET":
        return _shown(request, invitation, 200)
    form = form_of(request)
    try:
        user = accept(workspace, token, form.get("email", ""), form.get("name", ""), form.get("password", ""))
    except HedgerowError as refusal:
        return _shown(request, invitation, 422, refusal.sentence)
    return let_in(request, user)


def _shown(request: Request, invitation: Invitation | None, status: int, sentence: str = "") -> Response:
    titles = {True: "A new password", False: "Make your account"}
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "welcome.html",
        status,
        title=titles[invitation.user is not None] if invitation else "This link is not open",
        invitation=invitation,
        name=form_of(request).get("name", ""),
        email=form_of(request).get("email", ""),
        sentence=sentence,
    )


PAGE = Page(
    "/welcome/{token}",
    says="What a one-time link opens.",
    endpoint=_welcome,
    needs=None,
    methods=("GET", "POST"),
)
