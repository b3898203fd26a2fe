"""Signing out."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.web.door import let_out
from hedgerow.web.page import Page


def _sign_out(request: Request) -> Response:
    return let_out(request)


PAGE = Page("/sign-out", says="Ends the session of the browser that asks.", endpoint=_sign_out, methods=("POST",))
