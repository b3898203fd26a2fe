"""The touches behind a number."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import money
from hedgerow.ledger import verbs, zone_of
from hedgerow.measures import behind, shelf
from hedgerow.web.asking import asked_of, query_of
from hedgerow.web.page import Page


def _behind(request: Request) -> Response:
    name = request.path_params["name"]
    asked = asked_of(request.query_params)
    row = {key[4:]: value for key, value in request.query_params.items() if key.startswith("row.")}
    touches = behind(request.app.state.workspace, name, asked, row)
    zone = zone_of(request.app.state.workspace)
    rows = [_in_words(touch, zone) for touch in touches.to_pylist()]
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "behind.html",
        title=f"The touches behind {', '.join(value for value in row.values() if value)}",
        question=shelf()[name].question,
        back=f"/measures/{name}?{query_of(asked)}",
        rows=rows,
        whole=int(touches.schema.metadata[b"all"]),
        earning="credit" in touches.column_names,
        together=_together(touches),
        zone=zone.key,
    )


@cache
def _verbs() -> dict[str, str]:
    return {verb: says for group in verbs().values() for verb, says in group.items()}


def _in_words(touch: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    address = touch["url"] or ""
    return touch | {
        "at": touch["occurred_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "did": _verbs().get(touch["verb"], touch["verb"]),
        "earned": money.in_words(touch["credit"], touch["currency"] or "") if "credit" in touch else None,
        # The address is what a stranger wrote: only the web's own schemes are followed.
        "link": address if address.startswith(("https://", "http://")) else "",
    }


def _together(touches: pa.Table) -> str:
    if "credit" not in touches.column_names:
        return ""
    sums = touches.group_by("currency").aggregate([("credit", "sum")]).sort_by("currency").to_pylist()
    return ", ".join(money.in_words(each["credit_sum"], each["currency"] or "") for each in sums)


PAGE = Page("/measures/{name}/behind", says="The touches that a number was made of.", endpoint=_behind)
