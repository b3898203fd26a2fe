"""The prediction: whether what is said comes, how much better than chance it sorts, and what it rests on."""

import msgspec
from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import HedgerowError, clock
from hedgerow.score import prediction
from hedgerow.score.prediction import Quality, Tried
from hedgerow.web.charts import Drawing
from hedgerow.web.page import Page

_MOVED = 10


def _prediction(request: Request) -> Response:
    workspace = request.app.state.workspace
    kept = prediction.latest(workspace)
    tried = kept.model.tried if kept else ()
    seen = prediction.last_drift(workspace) if kept else None
    who, foretold, sentence = request.query_params.get("who", "").strip(), None, ""
    if kept and who:
        try:
            foretold = prediction.why(workspace, who, clock.now())
        except HedgerowError as refusal:
            sentence = refusal.sentence
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "prediction.html",
        title="Prediction",
        kept=kept,
        refused=prediction.last_refusal(workspace),
        calibration=calibration_drawing(tried[0].quality) if kept else None,
        lift=lift_drawing(tried) if kept else None,
        who=who,
        foretold=foretold,
        sentence=sentence,
        drift=seen,
        moved=seen.columns[:_MOVED] if seen else (),
        bar=prediction.BAR,
        needed=prediction.LEAST,
    )


def calibration_drawing(quality: Quality) -> Drawing:
    """Return what came beside what was said, for tenths of the newer rows, the least likely first."""
    tenths = quality.tenths[::-1]
    series = [
        {"name": "came", "colour": 0, "data": [each.came for each in tenths]},
        {"name": "said", "colour": 1, "data": [each.said for each in tenths]},
    ]
    furthest = max(tenths, key=lambda each: abs(each.came - each.said))
    says = (
        f"A line chart of the share that came and the probability that was said, over {len(tenths)} groups of rows of "
        f"equal size. They are furthest apart where {furthest.said:.1%} was said and {furthest.came:.1%} came. The "
        f"table holds the same numbers."
    )
    return _drawn("line", [f"{100 * each.said:.1f} %" for each in tenths], series, "share", "said", says)


def lift_drawing(tried: tuple[Tried, ...]) -> Drawing:
    """Return how many times as often the outcome came in each tenth as in all rows, a series a learner."""
    series = [
        {"name": each.name, "colour": place, "data": [round(tenth.lift, 3) for tenth in each.quality.tenths]}
        for place, each in enumerate(tried)
    ]
    first = tried[0].quality.tenths[0]
    says = (
        f"A bar chart of lift by tenths of the newer rows, for {' and '.join(each.name for each in tried)}. In the "
        f"likeliest tenth by {tried[0].name} the outcome came {first.lift:.2f} times as often as in all rows. The "
        f"table holds the same numbers."
    )
    named = [f"tenth {place}" for place in range(1, len(tried[0].quality.tenths) + 1)]
    return _drawn("bar", named, series, "ratio", "tenth", says)


def _drawn(kind: str, x: list[str], series: list[dict[str, object]], unit: str, axis: str, says: str) -> Drawing:
    drawn = {"kind": kind, "x": x, "series": series, "unit": unit, "currency": "", "axis": axis}
    return Drawing(msgspec.json.encode(drawn).decode(), says, "")


PAGE = Page(
    "/prediction",
    says="How likely people convert: whether what is said comes, how well it sorts, and what it rests on.",
    endpoint=_prediction,
    menu="Prediction",
)
