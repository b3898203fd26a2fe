"""A visit: who asks, what the form says, and how a browser is let in and out."""

import re
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException

from hedgerow.access import CAPABILITIES, LONGEST, Session, User, end_session, open_session

Form = ImmutableMultiDict[str, str]
COOKIE = "hedgerow_session"
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def session_of(request: Request) -> Session | None:
    """Return the session a request came with, None where nobody is signed in."""
    found: Session | None = request.state.session
    return found


def own_session(request: Request) -> Session:
    """Return the session of a request to a page that asks for one."""
    found = session_of(request)
    if found is None:
        raise HTTPException(401, "Sign in first.")
    return found


def own_user(request: Request) -> User:
    """Return who asks, on a page that only those who are signed in see."""
    return own_session(request).user


def form_of(request: Request) -> Form:
    """Return the fields of the form that was sent; empty where none was."""
    sent: Form = request.state.form
    return sent


@dataclass(frozen=True)
class Needs:
    """Lets through those whose role has a capability (None: everybody), and refuses the others."""

    capability: str | None

    def __call__(self, request: Request) -> None:
        if self.capability is None:
            return
        role = own_user(request).role
        if self.capability not in role.may:
            refusal = f"The role {role.name} may not {CAPABILITIES[self.capability]}: ask an admin for another."
            raise HTTPException(403, refusal)


def let_in(request: Request, user: User, path: str = "/") -> RedirectResponse:
    """Return a redirect to a local path that signs the browser in as `user`; who was signed in before is out."""
    token = open_session(request.app.state.workspace, user, request.headers.get("user-agent", ""))
    response = _leave(request, path)
    seconds, secure = int(LONGEST.total_seconds()), request.url.scheme == "https"
    response.set_cookie(COOKIE, token, seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def let_out(request: Request) -> RedirectResponse:
    """Return a redirect to the sign-in page that ends the browser's session."""
    response = _leave(request, "/sign-in")
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return response


def local(path: str) -> str:
    """Return `path` where it is one on this server, whatever a browser makes of it; the overview where it isn't."""
    return path if _LOCAL.fullmatch(path) and len(path) <= 2_000 else "/"


def address_of(request: Request) -> str:
    """Return the network address a request came from."""
    return request.client.host if request.client else ""


def site_of(request: Request) -> str:
    """Return the address of this server as whoever asks has written it, without a path."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def _leave(request: Request, path: str) -> RedirectResponse:
    if before := session_of(request):
        end_session(request.app.state.workspace, before.user, before.digest)
    return RedirectResponse(path, 303)
