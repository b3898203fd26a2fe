"""A person: profile with its sources, what ties their identifiers together, what they did, what was decided."""

from typing import Any

import pyarrow as pa
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow import mill, people
from hedgerow.kit import HedgerowError
from hedgerow.ledger import verbs, zone_of
from hedgerow.people import Plan
from hedgerow.web.door import form_of, own_user
from hedgerow.web.page import Page

_MOST = 50


def _person(request: Request) -> Response:
    workspace, asked = request.app.state.workspace, int(request.path_params["person"])
    known = people.clusters(workspace)
    if asked >= len(known.person):
        raise HedgerowError(f"Nobody is person {asked}: look for them again.")
    person = int(known.person[asked])
    if request.method == "POST":
        return _decide(request, person)
    if person != asked:
        return RedirectResponse(f"/people/{person}", 307)
    return _shown(request, person, 200)


def _decide(request: Request, person: int) -> Response:
    workspace, form = request.app.state.workspace, form_of(request)
    user = own_user(request)
    by, reason = f"user:{user.email}", form.get("reason", "")
    if not user.may("people"):
        return _shown(request, person, 403, f"The role {user.role.name} may not say who is who: ask an admin.")
    try:
        if form.get("act") == "edit":
            people.edit(workspace, person, form.get("field", ""), form.get("value", ""), by)
            return _done(request, person)
        plan = _plan(request, person, by, reason)
        if not form.get("sure"):
            return _previewed(request, person, plan)
        people.write(workspace, plan.touches)
    except HedgerowError as refusal:
        return _shown(request, person, 422, refusal.sentence)
    return _done(request, person)


def _plan(request: Request, person: int, by: str, reason: str) -> Plan:
    workspace, form = request.app.state.workspace, form_of(request)
    act, one, other = (form.get(name, "").strip() for name in ("act", "one", "other"))
    if act == "merge":
        mine = one or people.identifiers(workspace, [person])[0]["name"]
        return people.plan_merge(workspace, mine, other, by, reason)
    if act == "apart":
        return people.plan_apart(workspace, one, other, by, reason)
    if act == "split":
        return people.plan_split(workspace, form.getlist("apart"), by, reason)
    if act == "cut":
        return people.plan_cut(workspace, form.get("touch", ""), one, other, by, reason)
    if act == "undo":
        return people.plan_undo(workspace, form.get("touch", ""), by, reason)
    raise HedgerowError("Nothing was asked for: use the forms of the page.")


def _done(request: Request, person: int) -> Response:
    # The mill applies it; where it is at work already, the page shows it a moment later.
    try:
        mill.turn(request.app.state.workspace, wait=5.0)
    except HedgerowError:
        return RedirectResponse(f"/people/{person}?later=1", 303)
    return RedirectResponse(f"/people/{person}", 303)


def _previewed(request: Request, person: int, plan: Plan) -> Response:
    form = form_of(request)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "decide.html",
        title=_ASKED[form.get("act", "")],
        person=person,
        preview=plan.preview,
        said=[(name, value) for name, value in form.multi_items() if name not in ("csrf", "sure")],
        reason=form.get("reason", ""),
        name_of=people.name_of,
    )


_ASKED = {
    "merge": "Make one person of two?",
    "split": "Make two people of one?",
    "apart": "Keep two people apart?",
    "cut": "Take evidence out of force?",
    "undo": "Take a decision back?",
}


def _shown(request: Request, person: int, status: int, sentence: str = "") -> Response:
    workspace = request.app.state.workspace
    only = pa.array([person])
    [summary] = people.summaries(workspace, people.clusters(workspace), [person]) or [{}]
    if not summary:
        raise HedgerowError(f"Nobody is person {person}: look for them again.")
    before = request.query_params.get("before", "")
    touches = [_in_words(touch, workspace) for touch in people.timeline(workspace, person, _MOST, before).to_pylist()]
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "person.html",
        status,
        title=people.name_of(summary),
        person=person,
        summary=summary,
        fields=people.fields(),
        values=_by_field(people.values(workspace, only).to_pylist()),
        ties=people.ties(workspace, person),
        matches=people.matches_of(workspace, person),
        history=people.history(workspace, person),
        consents=people.consents(workspace, only).to_pylist(),
        touches=touches,
        more=len(touches) == _MOST,
        may=own_user(request).may("people"),
        later=request.query_params.get("later") == "1",
        sentence=sentence,
        said=form_of(request),
    )


def _by_field(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [row for row in rows if row["field"] == name] for name in dict.fromkeys(row["field"] for row in rows)}


def _in_words(touch: dict[str, Any], workspace: Any) -> dict[str, Any]:
    known = {verb: says for group in verbs().values() for verb, says in group.items()}
    address = touch["url"] or ""
    return touch | {
        "at": touch["occurred_at"].astimezone(zone_of(workspace)).strftime("%Y-%m-%d %H:%M"),
        "did": known.get(touch["verb"], touch["verb"]),
        "link": address if address.startswith(("https://", "http://")) else "",
    }


PAGE = Page(
    "/people/{person:int}",
    says="A person: profile with sources, identifiers with evidence, what they did and what was decided.",
    endpoint=_person,
    methods=("GET", "POST"),
)
