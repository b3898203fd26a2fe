"""The touches behind a number."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import money
from hedgerow.measures import behind, shelf
from hedgerow.web.asking import asked_of, query_of
from hedgerow.web.page import Page


def _behind(request: Request) -> Response:
    name = request.path_params["name"]
    asked = asked_of(request.query_params)
    row = {key[4:]: value for key, value in request.query_params.items() if key.startswith("row.")}
    touches = behind(request.app.state.workspace, name, asked, row)
    rows = touches.to_pylist()
    for each in rows:
        each["earned"] = money.in_words(each["credit"], each["currency"] or "") if "credit" in each else None
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "behind.html",
        title=f"The touches behind {', '.join(value for value in row.values() if value)}",
        question=shelf()[name].question,
        back=f"/measures/{name}?{query_of(asked)}",
        rows=rows,
        whole=int(touches.schema.metadata[b"all"]),
        earning="credit" in touches.column_names,
    )


PAGE = Page("/measures/{name}/behind", says="The touches that a number was made of.", endpoint=_behind)
