"""An account: who is of it and since when, its deals, what its people did, and why it is one account."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from hedgerow.journeys import activity
from hedgerow.kit import HedgerowError, money
from hedgerow.people import account_of, codes_of
from hedgerow.web.page import Page

_SAYS = {
    "mail": "a mail address",
    "employer": "a stated employer",
    "deal": "a deal",
    "touch": "a stated account",
    "human": "a colleague",
}
_TIED = {
    "stated": "stated {times} by a row of a source",
    "people": "most of their people have both: {times}",
    "name": "somebody's employer has the name of their mail domain: {times}",
}


def _account(request: Request) -> Response:
    workspace, said = request.app.state.workspace, request.path_params["account"]
    if not (said.isascii() and said.isdecimal() and len(said) < 19):
        raise HedgerowError(f"No account is called '{said}': look for it among all accounts.")
    account = account_of(workspace, int(said))
    deals = [_deal(deal) for deal in account.deals.to_pylist()]
    people = account.people.to_pylist()
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "account.html",
        title=account.name,
        account=account,
        people=[person | {"because": _SAYS[person["says"]]} for person in people],
        now=sum(1 for person in people if person["until"] is None),
        deals=deals,
        won=_together(account.deals.to_pylist()),
        activity=activity(workspace, codes_of(workspace, account.account)),
        identifiers=account.identifiers.to_pylist(),
        ties=[tie | {"because": _TIED[tie["says"]].format(times=_times(tie))} for tie in account.ties.to_pylist()],
    )


def _deal(deal: dict[str, Any]) -> dict[str, Any]:
    amount = money.in_words(deal["amount"], deal["currency"] or "") if deal["amount"] is not None else ""
    state = "open" if deal["won"] is None else "won" if deal["won"] else "lost"
    return deal | {"value": amount, "state": state}


def _together(deals: list[dict[str, Any]]) -> str:
    """Return the value of the won deals, each currency by itself."""
    sums: dict[str, int] = {}
    for deal in deals:
        if deal["won"] and deal["amount"] is not None:
            sums[deal["currency"] or ""] = sums.get(deal["currency"] or "", 0) + deal["amount"]
    return ", ".join(money.in_words(value, currency) for currency, value in sorted(sums.items()))


def _times(tie: dict[str, Any]) -> str:
    count = f"{tie['times']:,}"
    if tie["says"] == "stated":
        return "once" if tie["times"] == 1 else f"{count} times"
    return f"{count} {'person' if tie['times'] == 1 else 'people'}"


PAGE = Page("/accounts/{account}", says="One company: its people over time, deals and touches.", endpoint=_account)
