"""hedgerow init: make a workspace."""

from typing import Annotated

import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import create_workspace


def _init(
    workspace: Folder = HERE,
    name: Annotated[str, typer.Option(help="What the workspace is called on its pages.")] = "Hedgerow",
    currency: Annotated[str, typer.Option(help="The main currency, by ISO 4217 code.")] = "EUR",
    zone: Annotated[str, typer.Option(help="The zone that days follow, as in Europe/Berlin.")] = "UTC",
) -> None:
    made = create_workspace(workspace, name, currency, zone)
    OUT.print(f"The workspace is in {made.folder}. Next: hedgerow import touches FILE --map MAP.toml")
    made.close()


VERB = Verb(
    says="Make a workspace: a folder with its settings, its record and its ledger.",
    example="hedgerow init --workspace acme --name Acme --currency EUR --zone Europe/Berlin",
    command=_init,
)
