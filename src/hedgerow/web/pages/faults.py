"""The faults: what could not be kept, by reason, each as it came, and trying it again after a fix."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hedgerow.collect import retry
from hedgerow.ledger import drops, reasons
from hedgerow.web.door import form_of
from hedgerow.web.page import Page

_SHOWN = 20
_LONGEST = 2_000


def _faults(request: Request) -> Response:
    workspace = request.app.state.workspace
    if request.method == "POST":
        tried = retry(workspace, form_of(request).get("reason"))
        return RedirectResponse(f"/faults?again={tried.again}&left={tried.left}", 303)
    found, latest = reasons(workspace), drops(workspace, _SHOWN)
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "faults.html",
        title="Faults",
        reasons=[(reason, latest.get(reason.says, [])) for reason in found],
        whole=sum(reason.count for reason in found),
        longest=_LONGEST,
        told=_told(request),
    )


def _told(request: Request) -> str:
    again, left = (request.query_params.get(name, "") for name in ("again", "left"))
    if not (again.isdecimal() and left.isdecimal()):
        return ""
    said = f"{int(again):,} went back to the inbox; the mill takes them in a moment."
    return said + (f" {int(left):,} would be dropped for the same reason, and wait here." if int(left) else "")


PAGE = Page(
    "/faults",
    says="What could not be kept, by reason, and trying it again after a fix.",
    endpoint=_faults,
    needs="faults",
    methods=("GET", "POST"),
    menu="Faults",
)
