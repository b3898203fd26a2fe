"""The QR code of a tracked link, as a picture."""

import io

import segno
from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import HedgerowError
from hedgerow.ledger import find_link
from hedgerow.web.page import Page


def _qr(request: Request) -> Response:
    workspace, code = request.app.state.workspace, request.path_params["code"]
    if not find_link(workspace, code):
        raise HedgerowError(f"There is no link {code[:40]}: go back to the links.")
    out = io.BytesIO()
    address = f"{workspace.settings.collect.url.rstrip('/')}/l/{code}"
    segno.make(address, error="m").save(out, kind="svg", scale=6, border=2, light="#fff", xmldecl=False)
    return Response(out.getvalue(), media_type="image/svg+xml")


PAGE = Page("/links/{code}/qr.svg", says="The QR code of a tracked link.", endpoint=_qr, needs="links")
