"""hedgerow match: who may be one person, joined where it is sure enough, and why."""

import json
from typing import Annotated, Any

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace
from hedgerow.people import open_proposals

_NAMES = ("one", "other", "probability", "weight", "support", "settles", "reason", "why")


def _match(
    workspace: Folder = HERE,
    most: Annotated[int, typer.Option(min=0, help="How many proposals to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """Match people by their profiles; show what waits for an answer, with the bits for and against."""
    opened = open_workspace(workspace)
    made = mill.match(opened)
    rows, whole = open_proposals(opened, most)
    opened.close()
    if as_json:
        told = [{name: row[name] for name in _NAMES} for row in rows]
        typer.echo(json.dumps({"matched": made, "waiting": whole, "proposals": told}, ensure_ascii=False, indent=2))
        return
    OUT.print(f"{made:,} matched by machine; {whole:,} wait for an answer on the page Review.", soft_wrap=True)
    for row in rows:
        _show(row)
    if whole > len(rows):
        OUT.print(f"\n{len(rows)} of {whole:,}, those that tell most first; --most shows more.")


def _show(row: dict[str, Any]) -> None:
    OUT.print(f"\n{row['one']} and {row['other']}: {row['probability']:.1%}", style="bold", markup=False)
    shown = [
        [f"{each['bits']:+.1f}", *(_share(each[name]) for name in "mu"), each["comparison"], each["says"]]
        for each in row["why"]
    ]
    heads = [("bits", True), ("m", True), ("u", True), ("comparison", False), ("says", False)]
    show_table(heads, [*shown, [f"{row['weight']:+.1f}", "", "", "sum", row["reason"]]])


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


VERB = Verb(
    says="Find who may be one person; the sure ones are made one, and can be undone; the others wait for an answer.",
    example="hedgerow match --workspace acme",
    command=_match,
)
