"""A lead: its story, its score and what made it, its next step and why, and what its owner can do with it now."""

from datetime import datetime, time
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow import leads, mill
from hedgerow.access import User
from hedgerow.kit import HedgerowError, money
from hedgerow.ledger import Workspace, zone_of
from hedgerow.web.asking import day_of
from hedgerow.web.door import form_of, own_user
from hedgerow.web.page import Page

_TOLD = {
    "now": "It is written down.",
    "later": "It is written down, and shows here as soon as the mill has turned.",
}


def _lead(request: Request) -> Response:
    lead = int(request.path_params["lead"])
    if lead >= 1 << 63:
        raise HedgerowError("No lead has so high a number: look for it among all leads.")
    found = leads.standing(request.app.state.workspace, lead)
    if found.row["ceded_to"] is not None:
        return RedirectResponse(f"/leads/{found.row['ceded_to']}", 307)
    return _answer(request, found) if request.method == "POST" else _shown(request, found, 200)


def _answer(request: Request, found: leads.Standing) -> Response:
    workspace, user = request.app.state.workspace, own_user(request)
    if not _may(user, found, form_of(request).get("act", "")):
        refusal = f"The role {user.role.name} may not answer for leads that {found.row['side']} has: ask its owner."
        return _shown(request, found, 403, refusal)
    try:
        _act(workspace, found.row["identifier"], form_of(request), user)
    except HedgerowError as refusal:
        return _shown(request, found, 422, refusal.sentence)
    # The mill applies it; where it is at work already, the page shows it a moment later.
    try:
        mill.turn(workspace, wait=5.0)
    except HedgerowError:
        return RedirectResponse(f"/leads/{found.row['lead']}?told=later", 303)
    return RedirectResponse(f"/leads/{found.row['lead']}?told=now", 303)


def _act(workspace: Workspace, lead: str, form: Any, user: User) -> None:
    act, by = form.get("act", ""), f"user:{user.email}"
    if act == "accept":
        return leads.accept(workspace, lead, by)
    if act == "return":
        return leads.send_back(workspace, lead, form.get("reason", ""), by, _start(workspace, form.get("wake", "")))
    if act == "give":
        return leads.give(workspace, lead, form.get("owner", ""), by)
    if act == "done":
        return leads.write_down(workspace, lead, form.get("verb", ""), form.get("text", ""), by)
    if act == "deal":
        amount = money.read(form.get("amount", ""), workspace.settings.workspace.currency)
        return leads.open_deal(workspace, lead, form.get("name", ""), amount, by, user.email)
    if act in ("won", "lost"):
        return leads.close_deal(workspace, lead, form.get("deal", ""), act == "won", by)
    if act in ("out", "in"):
        return leads.restrict(workspace, lead, by, taken_out=act == "out")
    raise HedgerowError("Nothing was asked for: use the forms of the page.")


def _start(workspace: Workspace, text: str) -> datetime | None:
    """Return the beginning of a day in the workspace's zone; None where none is named."""
    day = day_of(text.strip())
    return datetime.combine(day, time(), zone_of(workspace)) if day else None


def _may(user: User, found: leads.Standing, act: str) -> bool:
    """Return whether a user may do something with a lead: its side may, and sales says what marketing may write to."""
    role = user.role.name
    sides = ("sales",) if act in ("restrict", "in", "out") else (found.row["side"],)
    return user.may("leads") and (role == "admin" or role in sides)


def _shown(request: Request, found: leads.Standing, status: int, sentence: str = "") -> Response:
    user = own_user(request)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "lead.html",
        status,
        title=found.row["name"],
        lead=found,
        row=found.row,
        deals=[_deal(each) for each in found.deals],
        parts=[(says, [line for line in found.story if line.part == part]) for part, says in leads.PARTS.items()],
        may=[act for act in found.may if _may(user, found, act)],
        mine=user.email in found.others,
        done=leads.DONE,
        me=user.email,
        currency=request.app.state.workspace.settings.workspace.currency,
        told=_TOLD.get(request.query_params.get("told", ""), ""),
        sentence=sentence,
        said=form_of(request),
    )


def _deal(deal: dict[str, Any]) -> dict[str, Any]:
    amount = money.in_words(deal["amount"], deal["currency"] or "") if deal["amount"] is not None else ""
    return deal | {"value": amount, "state": {None: "open", True: "won", False: "lost"}[deal["won"]]}


PAGE = Page(
    "/leads/{lead:int}",
    says="One lead: its story, its score and what made it, its next step and why, and what can be done.",
    endpoint=_lead,
    methods=("GET", "POST"),
)
