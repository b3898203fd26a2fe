"""hedgerow demo: the main job on the village, then the page."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import mill, village
from hedgerow.access import demo_link
from hedgerow.cli.page import Places, serve
from hedgerow.cli.verb import OUT, Verb, show_table
from hedgerow.collect import import_file, load_map
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.measures import Asked, ask, in_words

_SITES = ("copperkettle.example",)
_ADMIN = "demo@copperkettle.example"
_KINDS = {"deals": "deal", "spend": "spend"}
_QUESTIONS = (
    ("credit_by_channel", Asked(by="channel_group", model="markov")),
    ("cost_per_lead", Asked(by="channel_group")),
)


def _demo(
    folder: Annotated[Path, typer.Argument(help="A folder for the village and its workspace.")] = Path("village"),
    port: Annotated[int, typer.Option(help="The port of the page; 0 takes a free one.")] = 8400,
    collect_port: Annotated[int, typer.Option(help="The port of collecting; 0 takes a free one.")] = 8401,
    page: Annotated[bool, typer.Option(help="Serve the page at the end.")] = True,
) -> None:
    files, workspace = folder / "files", folder / "workspace"
    if not files.exists():
        built = village.build(files, people=200, days=180, seed=1)
        OUT.print(
            f"The village: {built.people} people, {built.days} days, {sum(built.rows.values()):,} rows in {files}"
        )
    opened = create_workspace(workspace, "The village", "EUR", "Europe/Berlin", _SITES)
    for map_file in sorted((files / "maps").glob("*.toml")):
        file = next(files.glob(f"{map_file.stem}.*"))
        report = import_file(opened, _KINDS.get(map_file.stem, "touch"), file, load_map(map_file))
        OUT.print(
            f"  {file.name:<14} {report.kept:>7,} rows kept, {report.repeated:,} repeated, {report.dropped:,} dropped"
        )
    mill.turn(opened)
    for name, asked in _QUESTIONS:
        answer = ask(opened, name, asked)
        OUT.print(f"\n{answer.measure.question}", style="bold")
        show_table(*in_words.table(answer))
    opened.close()
    OUT.print(f"\nAsk more: hedgerow ask list --workspace {workspace}")
    if page:
        serve(workspace, Places(port=port, collect_port=collect_port), _begin)


def _begin(workspace: Workspace, address: str) -> str:
    return f"Look around at {demo_link(workspace, address, _ADMIN)} (it signs you in, once)"


VERB = Verb(
    says="Do the main job on the village: touches in; people, journeys, credit and cost out; then serve the page.",
    example="hedgerow demo village",
    command=_demo,
)
