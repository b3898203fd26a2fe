"""The write keys: what lets a website or a server send touches."""

import re

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.access import RATE, keys, limit_key, make_key, revoke_key
from hedgerow.kit import HedgerowError
from hedgerow.ledger import last_received
from hedgerow.web.door import form_of
from hedgerow.web.page import Page

_DONE = {"limit": "The key is limited so from now on.", "revoke": "The key is revoked."}
_EXAMPLE = '{"batch": [{"type": "track", "messageId": "1", "userId": "ann@example.org", "event": "Signed Up"}]}'


def _keys(request: Request) -> Response:
    if request.method == "GET":
        return _shown(request, 200)
    workspace, form = request.app.state.workspace, form_of(request)
    act, name = form.get("act", ""), form.get("name", "")
    try:
        if act == "make":
            made = make_key(workspace, name, _sites(form.get("sites", "")), _rate(form.get("rate", "")))
            return RedirectResponse(f"/keys?fresh={made.name}#key-{made.name}", 303)
        if act == "limit":
            limit_key(workspace, name, _rate(form.get("rate", "")), _sites(form.get("sites", "")))
        elif act == "revoke":
            revoke_key(workspace, name)
    except HedgerowError as refusal:
        return _shown(request, 422, refusal.sentence)
    return RedirectResponse(f"/keys?done={act}" if act in _DONE else "/keys", 303)


def _sites(text: str) -> list[str]:
    return [site for site in re.split(r"[\s,;]+", text) if site]


def _rate(text: str) -> int:
    if not re.fullmatch(r"\s*\d{1,9}\s*", text, re.ASCII):
        raise HedgerowError(f"'{text}' is no number of events a second: write one, or 0 for no limit.")
    return int(text)


def _shown(request: Request, status: int, sentence: str = "") -> Response:
    workspace, form = request.app.state.workspace, form_of(request)
    known = keys(workspace)
    kept = form if form.get("act") == "make" else {}
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "keys.html",
        status,
        title="Write keys",
        keys=known,
        heard=last_received(workspace, [key.source for key in known]) if known else {},
        collect=request.app.state.collect_url,
        example=_EXAMPLE,
        said={"name": kept.get("name", ""), "sites": kept.get("sites", ""), "rate": kept.get("rate", RATE)},
        fresh=request.query_params.get("fresh", ""),
        sentence=sentence,
        told=_DONE.get(request.query_params.get("done", ""), ""),
    )


PAGE = Page(
    "/keys",
    says="The write keys: what lets a website or a server send touches.",
    endpoint=_keys,
    needs="keys",
    methods=("GET", "POST"),
    menu="Write keys",
)
