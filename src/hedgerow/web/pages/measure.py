"""A measure's page: its question, its chart, its table, and the touches behind each number."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.attribution import model_shelf
from hedgerow.measures import FORMATS, ask, in_words
from hedgerow.web.asking import asked_of, behind_row, query_of
from hedgerow.web.charts import drawing
from hedgerow.web.page import Page

MOST = 500


def _measure(request: Request) -> Response:
    name = request.path_params["name"]
    workspace = request.app.state.workspace
    answer = ask(workspace, name, asked_of(request.query_params))
    columns, rows = in_words.table(answer)
    plain = answer.rows.slice(0, MOST).to_pylist()
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "measure.html",
        title=answer.measure.question,
        answer=answer,
        columns=list(zip(columns, answer.measure.columns, strict=True)),
        rows=[(cells, behind_row(answer, row)) for cells, row in zip(rows[:MOST], plain, strict=True)],
        all_rows=answer.rows.num_rows,
        drawing=drawing(answer, workspace.settings.workspace.currency),
        models=list(model_shelf()) if answer.measure.models != () else [],
        chosen=request.query_params.get("model", ""),
        exports=[(kind, f"/api/measures/{name}?{query_of(answer.asked, format=kind)}") for kind in FORMATS],
    )


PAGE = Page("/measures/{name}", says="A question, its chart, its table, and what lies behind.", endpoint=_measure)
