"""The review queue: where a machine must not say who is who, and a person can."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow import mill, people
from hedgerow.kit import HedgerowError
from hedgerow.people import Plan
from hedgerow.web.door import form_of, own_user
from hedgerow.web.page import Page

_MOST = 25
_PROPOSALS = 10
_UNSAID = "Said so on the review page."


def _review(request: Request) -> Response:
    return _answer(request) if request.method == "POST" else _shown(request, 200)


def _answer(request: Request) -> Response:
    workspace = request.app.state.workspace
    try:
        people.write(workspace, _plan(request).touches)
    except HedgerowError as refusal:
        return _shown(request, 422, refusal.sentence)
    # The mill applies it; where it is at work already, the page shows it a moment later.
    try:
        mill.turn(workspace, wait=5.0)
    except HedgerowError:
        return RedirectResponse("/review?told=later", 303)
    return RedirectResponse("/review?told=now", 303)


def _plan(request: Request) -> Plan:
    workspace, form, by = request.app.state.workspace, form_of(request), f"user:{own_user(request).email}"
    act, one, other, reason = (form.get(name, "").strip() for name in ("act", "one", "other", "reason"))
    proposed = people.proposal_between(workspace, one, other)
    if proposed is None:
        raise HedgerowError("That is not proposed any more: somebody answered it, or matching was run again.")
    support = proposed["weight"] if proposed["support"] is None else proposed["support"]
    if act == "same":
        return people.plan_merge(workspace, one, other, by, reason or _UNSAID, support)
    if act == "apart":
        return people.plan_apart(workspace, one, other, by, reason or _UNSAID, support)
    if act == "doubt":
        return people.plan_doubt(workspace, one, other, by, reason, support)
    raise HedgerowError("Nothing was answered: use the buttons of the page.")


_TOLD = {
    "now": "Your answer is written down.",
    "later": "Your answer is written down, and shows here as soon as the mill has turned.",
}


def _shown(request: Request, status: int, sentence: str = "") -> Response:
    workspace = request.app.state.workspace
    asked, whole = people.questions(workspace, _MOST)
    proposals, proposed = people.open_proposals(workspace, _PROPOSALS)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "review.html",
        status,
        title="Who is who?",
        questions=asked,
        whole=whole,
        proposals=proposals,
        proposed=proposed,
        fields=people.fields(),
        told=_TOLD.get(request.query_params.get("told", ""), ""),
        sentence=sentence,
    )


PAGE = Page(
    "/review",
    says="Who is who: questions and proposals that wait for a person.",
    endpoint=_review,
    needs="people",
    methods=("GET", "POST"),
    menu="Review",
)
