"""The tracked links: one for each place something is shared, each with its QR code."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.kit import HedgerowError
from hedgerow.ledger import Purpose, links, make_link
from hedgerow.web.door import form_of, own_user
from hedgerow.web.page import Page

_SAID = ("url", "channel", "campaign", "content", "sharer")


def _links(request: Request) -> Response:
    if request.method == "GET":
        return _shown(request, 200)
    form = form_of(request)
    said = {name: form.get(name, "").strip() or None for name in _SAID}
    try:
        if not said["channel"]:
            raise HedgerowError("A link has no channel: say where it is posted, such as LinkedIn or Email.")
        sharer = said["sharer"]
        if sharer and ":" not in sharer:
            raise HedgerowError(f"'{sharer}' names nobody: write who shares it as kind:value, such as email:ann@a.org.")
        purpose = Purpose(channel=said["channel"], campaign=said["campaign"], content=said["content"], sharer=sharer)
        made_by = f"email:{own_user(request).email}"
        made = make_link(request.app.state.workspace, said["url"] or "", made_by, purpose, form.get("parent") or None)
    except HedgerowError as refusal:
        return _shown(request, 422, refusal.sentence)
    return RedirectResponse(f"/links?fresh={made.code}#link-{made.code}", 303)


def _shown(request: Request, status: int, sentence: str = "") -> Response:
    workspace, form = request.app.state.workspace, form_of(request)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "links.html",
        status,
        title="Links",
        links=links(workspace),
        at=workspace.settings.collect.url.rstrip("/"),
        said={name: form.get(name, "") for name in (*_SAID, "parent")},
        fresh=request.query_params.get("fresh", ""),
        sentence=sentence,
    )


PAGE = Page(
    "/links",
    says="The tracked links: one for each place something is shared.",
    endpoint=_links,
    needs="links",
    methods=("GET", "POST"),
    menu="Links",
)
