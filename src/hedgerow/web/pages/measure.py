"""A measure's page: its question, its chart, its table, and the touches behind each number."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.attribution import model_shelf
from hedgerow.measures import FORMATS, ask
from hedgerow.web.asking import asked_of, query_of
from hedgerow.web.charts import drawing
from hedgerow.web.page import Page
from hedgerow.web.tables import table_of


def _measure(request: Request) -> Response:
    name = request.path_params["name"]
    workspace = request.app.state.workspace
    answer = ask(workspace, name, asked_of(request.query_params))
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "measure.html",
        title=answer.measure.question,
        answer=answer,
        table=table_of(answer, request.query_params),
        drawing=drawing(answer, workspace.settings.workspace.currency),
        models=list(model_shelf()) if answer.measure.models != () else [],
        chosen=request.query_params.get("model", ""),
        exports=[(kind, f"/api/measures/{name}?{query_of(answer.asked, format=kind)}") for kind in FORMATS],
    )


PAGE = Page("/measures/{name}", says="A question, its chart, its table, and what lies behind.", endpoint=_measure)
