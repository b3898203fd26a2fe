"""Today: what waits for who is signed in, or for everybody: offers, clocks that run out, and replies wanted."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow import leads
from hedgerow.kit import HedgerowError, nearest
from hedgerow.web.door import own_user
from hedgerow.web.page import Page

_WHOSE = {"mine": "Mine", "all": "Everybody’s"}


def _today(request: Request) -> Response:
    workspace, user = request.app.state.workspace, own_user(request)
    whose = request.query_params.get("whose") or ("mine" if user.role.name == "sales" else "all")
    if whose not in _WHOSE:
        raise HedgerowError(f"Nobody's day is called '{whose}'.{nearest(whose, _WHOSE)}")
    in_force = leads.in_force(workspace) is not None
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "today.html",
        title="Today",
        in_force=in_force,
        day=leads.day(workspace, user.email if whose == "mine" else None) if in_force else None,
        soon=leads.SOON.days,
        listens=leads.LISTENS.days,
        whose=whose,
        views={name: (says, f"/today?whose={name}") for name, says in _WHOSE.items()},
        email=user.email,
    )


PAGE = Page(
    "/today",
    says="What waits for you, or for everybody: offers, clocks that run out, replies wanted, in order of worth.",
    endpoint=_today,
    menu="Today",
)
