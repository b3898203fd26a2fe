"""The accounts: every company there is, to be looked for and gone through."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import HedgerowError
from hedgerow.people import all_accounts
from hedgerow.web.page import Page
from hedgerow.web.tables import ROWS


def _accounts(request: Request) -> Response:
    query = request.query_params
    search, page = query.get("search", "").strip(), query.get("page") or "1"
    found = all_accounts(request.app.state.workspace, search)
    last = max(1, -(-len(found) // ROWS))
    if not (page.isascii() and page.isdecimal() and 1 <= int(page) <= last):
        raise HedgerowError(f"There is no page '{page}': use 1 to {last}.")
    start = (int(page) - 1) * ROWS
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "accounts.html",
        title="Accounts",
        search=search,
        rows=found.slice(start, ROWS).to_pylist(),
        first=start + 1,
        whole=len(found),
        earlier=_address(search, int(page) - 1) if start else "",
        later=_address(search, int(page) + 1) if start + ROWS < len(found) else "",
    )


def _address(search: str, page: int) -> str:
    return "/accounts?" + urlencode({"search": search, "page": page} if search else {"page": page})


PAGE = Page("/accounts", says="Every company there is, to be looked for.", endpoint=_accounts, menu="Accounts")
