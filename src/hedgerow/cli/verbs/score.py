"""hedgerow score: what somebody is worth at a time, and for what reasons."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace, zone_of
from hedgerow.score import explain, person_of

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
At = Annotated[datetime | None, typer.Option(formats=_FORMATS, help="A time in the workspace's zone; now if not said.")]
Known = Annotated[datetime | None, typer.Option(formats=_FORMATS, help="Only what had been received by this time.")]


def _score(
    identifier: Annotated[str, typer.Argument(help="Whom: an identifier as kind:value.")],
    workspace: Folder = HERE,
    at: At = None,
    known: Known = None,
) -> None:
    opened = open_workspace(workspace)
    zone = zone_of(opened)
    instant, known_at = (when.replace(tzinfo=zone) if when else None for when in (at, known))
    said = explain(opened, person_of(opened, identifier), instant, known_at)
    score, moment = said.score, f"{said.at.astimezone(zone):%Y-%m-%d %H:%M}"
    OUT.print(f"{identifier}, {moment} ({zone.key})", style="bold", markup=False)
    show_table(
        [("grade", False), ("score", True), ("engagement", True), ("fit", True), ("community", True)],
        [[str(score["grade"] or ""), *(_number(score[name]) for name in ("score", "engagement", "fit", "community"))]],
    )
    if len(said.points):
        OUT.print("\nPoints: given, granted under the day's caps, left now, and what counts", style="bold")
        heads = [("when", False), ("given", True), ("granted", True), ("left", True), ("counts", True), ("why", False)]
        show_table([*heads, ("touch", False)], [_row(row, zone) for row in said.points.to_pylist()])
    if len(said.fits):
        OUT.print("\nFit", style="bold")
        rows = [[_number(row["points"]), row["trait"], row["says"]] for row in said.fits.to_pylist()]
        show_table([("points", True), ("trait", False), ("why", False)], rows)
    if len(said.communities):
        OUT.print("\nCommunities", style="bold")
        rows = [
            [row["community"], _number(row["points"]), _number(row["score"])] for row in said.communities.to_pylist()
        ]
        show_table([("community", False), ("points", True), ("score", True)], rows)
    opened.close()


def _row(row: dict[str, Any], zone: ZoneInfo) -> list[str]:
    amounts = (_number(row[name]) for name in ("given", "granted", "left", "counts"))
    why = " ".join(part for part in (row["says"], row["weights"]) if part)
    return [f"{row['occurred_at'].astimezone(zone):%Y-%m-%d %H:%M}", *amounts, why, row["touch_id"][:12]]


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.2f}"


VERB = Verb(
    says="Say what somebody's score is, now or at a past time, with each point, its touch and its rule.",
    example="hedgerow score email:ann@example.org --at 2026-03-01 --workspace acme",
    command=_score,
)
