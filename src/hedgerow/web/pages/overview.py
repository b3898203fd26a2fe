"""The overview: the whole in a few numbers, and every question there is."""

from fastapi import Request
from fastapi.responses import Response

from hedgerow.measures import Asked, Measure, ask, in_words
from hedgerow.measures.spending import ALL
from hedgerow.web.charts import drawing
from hedgerow.web.page import Page

_TILES = (
    ("cost_per_lead", "leads"),
    ("cost_per_lead", "cost_per_lead"),
    ("cost_per_customer", "customers"),
    ("cost_per_customer", "cost_per_customer"),
    ("return_on_spend", "value"),
    ("return_on_spend", "return_on_spend"),
)
_CHARTS = (
    ("touches_by_channel", Asked(by="channel_group")),
    ("credit_by_channel", Asked(by="channel_group", model="linear,markov,last_touch")),
)


def _overview(request: Request) -> Response:
    workspace = request.app.state.workspace
    currency = workspace.settings.workspace.currency
    charts = [(ask(workspace, name, asked), asked) for name, asked in _CHARTS]
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "overview.html",
        title="Overview",
        tiles=[_tile(request, name, column, currency) for name, column in _TILES],
        charts=[(answer, drawing(answer, currency)) for answer, _ in charts],
        empty=not charts[0][0].rows.num_rows,
    )


def _tile(request: Request, name: str, column: str, currency: str) -> tuple[str, str, str]:
    answer = ask(request.app.state.workspace, name, Asked())
    rows = [row for row in answer.rows.to_pylist() if row["channel"] == ALL and row["currency"] == currency]
    measure: Measure = answer.measure
    shown = next(each for each in measure.columns if each.name == column)
    return (
        column.replace("_", " "),
        _short(in_words.said(rows[0], shown)) if rows else in_words.NONE,
        f"/measures/{name}",
    )


def _short(said: str) -> str:
    return said.removesuffix(".00")


PAGE = Page("/", says="The whole in a few numbers, and every question there is.", endpoint=_overview)
