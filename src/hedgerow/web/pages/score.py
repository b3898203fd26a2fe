"""One person's score: its grade, each point with its touch, its rule and what is left of it, at any time."""

from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import Response

from hedgerow.kit import HedgerowError
from hedgerow.ledger import zone_of
from hedgerow.score import GROUPS, explain, names_of
from hedgerow.web.asking import instants_of
from hedgerow.web.page import Page

_SHOWN = 200


def _score(request: Request) -> Response:
    workspace, query = request.app.state.workspace, request.query_params
    number = request.path_params["person"]
    if not number.isdecimal() or len(number) > 18:
        raise HedgerowError(f"'{number}' is no person's number: look them up by an identifier on the page of scores.")
    at, known_at = instants_of(workspace, query)
    said, zone = explain(workspace, int(number), at, known_at), zone_of(workspace)
    points = [_in_words(row, zone) for row in said.points.to_pylist()]
    names = names_of(workspace, [said.person]).get(said.person, [number])
    return request.app.state.rendering.page(  # type: ignore[no-any-return]
        request,
        "score.html",
        title=names[0],
        names=names[1:],
        said=said,
        points=points[:_SHOWN],
        whole=len(points),
        groups=_by_group(points),
        fits=said.fits.to_pylist(),
        communities=said.communities.to_pylist(),
        zone=zone.key,
        asked={name: query.get(name, "") for name in ("at", "known")},
    )


def _in_words(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    address = row["url"] or ""
    return row | {
        "when": row["occurred_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "link": address if address.startswith(("https://", "http://")) else "",
    }


def _by_group(points: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Return what counts in each group that has points, with its sentence."""
    sums = {name: sum(row["counts"] for row in points if row["group"] == name) for name in GROUPS}
    return [
        (GROUPS[name].says, counted) for name, counted in sums.items() if any(row["group"] == name for row in points)
    ]


PAGE = Page(
    "/scores/{person}",
    says="One person's score: each point with its touch, its rule and what is left of it.",
    endpoint=_score,
)
