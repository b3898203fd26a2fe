"""The leads: all of them by stage, owner, grade, score and words, as a table or stage by stage."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from hedgerow import leads
from hedgerow.kit import HedgerowError, nearest
from hedgerow.web.page import Page
from hedgerow.web.tables import ROWS

_VIEWS = {"table": "Table", "board": "Board"}
_ASKED = ("text", "stage", "owner", "grade", "score", "order")


def _leads(request: Request) -> Response:
    workspace, query = request.app.state.workspace, request.query_params
    said = {name: query.get(name, "").strip()[:200] for name in _ASKED}
    view = query.get("view") or "table"
    if view not in _VIEWS:
        raise HedgerowError(f"Leads are not shown as '{view}'.{nearest(view, _VIEWS)}")
    in_force = leads.in_force(workspace) is not None
    shown = _shown(workspace, said, view, query.get("page") or "1") if in_force else {"choices": {}, "whole": 0}
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "leads.html",
        title="Leads",
        in_force=in_force,
        said=said,
        view=view,
        views={name: (says, _address(said, view=name)) for name, says in _VIEWS.items()},
        orders={name: says for name, (says, _) in leads.ORDERS.items()},
        of_stage=lambda stage: _address(said | {"stage": stage}),
        narrowed=any(said[name] for name in _ASKED if name != "order"),
        **shown,
    )


def _shown(workspace: Any, said: dict[str, str], view: str, page: str) -> dict[str, Any]:
    sought = leads.Sought(
        stage=said["stage"],
        owner=said["owner"],
        grade=said["grade"],
        least=_number(said["score"]),
        text=said["text"],
        order=said["order"] or "worth",
    )
    found: dict[str, Any] = {"choices": leads.choices(workspace)}
    if view == "board":
        columns = leads.cards(workspace, sought)
        return found | {"columns": columns, "whole": sum(count for _, count in columns.values())}
    if not (page.isascii() and page.isdecimal() and 0 < int(page) < 1_000_000):
        raise HedgerowError(f"There is no page '{page}': use 1 for the first.")
    start = (int(page) - 1) * ROWS
    rows, whole = leads.listed(workspace, sought, start, ROWS)
    if start and not whole:
        raise HedgerowError(f"There is no page {page} of these leads: use 1 for the first.")
    return found | {
        "rows": rows.to_pylist(),
        "whole": whole,
        "first": start + 1,
        "earlier": _address(said, page=str(int(page) - 1)) if start else "",
        "later": _address(said, page=str(int(page) + 1)) if start + ROWS < whole else "",
    }


def _number(text: str) -> float | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= 100):
        raise HedgerowError(f"'{text}' is no score: write a whole number from 0 to 100.")
    return float(text)


def _address(said: dict[str, str], **more: str) -> str:
    return "/leads?" + urlencode({name: value for name, value in (said | more).items() if value})


PAGE = Page(
    "/leads",
    says="Every lead by stage, owner, grade, score and words, as a table or stage by stage.",
    endpoint=_leads,
    menu="Leads",
)
