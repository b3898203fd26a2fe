"""The users: who may sign in, in which role, and where each is signed in."""

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.access import (
    ROLES,
    change_role,
    end_sessions,
    end_user,
    find_user,
    invite,
    password_link,
    sessions,
    users,
)
from hedgerow.kit import HedgerowError
from hedgerow.web.door import form_of, own_user, site_of
from hedgerow.web.page import Page

_DONE = {
    "role": "The role is changed, and the user signed out to begin with it.",
    "end": "The user is ended, and signed out everywhere.",
    "sessions": "The user is signed out everywhere.",
}


def _users(request: Request) -> Response:
    if request.method == "GET":
        return _shown(request, 200)
    act, email = form_of(request).get("act", ""), form_of(request).get("email", "")
    try:
        if act in _LINKS:
            return _shown(request, 200, link=_LINKS[act](request, email), linked=email)
        if act in _ACTS:
            _ACTS[act](request, email)
    except HedgerowError as refusal:
        return _shown(request, 422, sentence=refusal.sentence)
    return RedirectResponse(f"/users?done={act}" if act in _ACTS else "/users", 303)


def _invite(request: Request, email: str) -> str:
    role, by = form_of(request).get("role", ""), own_user(request).email
    return invite(request.app.state.workspace, site_of(request), email, role, by)


def _link(request: Request, email: str) -> str:
    return password_link(request.app.state.workspace, site_of(request), email, own_user(request).email)


def _role(request: Request, email: str) -> None:
    change_role(request.app.state.workspace, email, form_of(request).get("role", ""))


def _end(request: Request, email: str) -> None:
    end_user(request.app.state.workspace, email)


def _sessions(request: Request, email: str) -> None:
    end_sessions(request.app.state.workspace, find_user(request.app.state.workspace, email))


_LINKS: dict[str, Callable[[Request, str], str]] = {"invite": _invite, "link": _link}
_ACTS: dict[str, Callable[[Request, str], None]] = {"role": _role, "end": _end, "sessions": _sessions}


def _shown(request: Request, status: int, link: str = "", linked: str = "", sentence: str = "") -> Response:
    workspace = request.app.state.workspace
    there = sessions(workspace)
    # What was refused is kept in its field; an address may fill it in too, to invite somebody again.
    kept = {**request.query_params, **(form_of(request) if sentence else {})}
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "users.html",
        status,
        title="Users",
        users=[(each, [one for one in there if one.user.id == each.id]) for each in users(workspace)],
        roles=ROLES,
        link=link,
        linked=linked,
        email=kept.get("email", ""),
        role=kept.get("role", "viewer"),
        sentence=sentence,
        told=_DONE.get(request.query_params.get("done", ""), ""),
    )


PAGE = Page(
    "/users",
    says="Who may sign in, and in which role.",
    endpoint=_users,
    needs="users",
    methods=("GET", "POST"),
    menu="Users",
)
