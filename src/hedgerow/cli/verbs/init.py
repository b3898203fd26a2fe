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
    site: Annotated[list[str] | None, typer.Option(help="A site of your own, as in example.org; say it again.")] = None,
) -> None:
    made = create_workspace(workspace, name, currency, zone, site or ())
    OUT.print(f"The workspace is in {made.folder}. Next: hedgerow import touches FILE --map MAP.toml")
    made.close()


VERB = Verb(
    says="Make a workspace: a folder with its settings, its record and its ledger.",
    example="hedgerow init --workspace acme --name Acme --currency EUR --zone Europe/Berlin --site acme.example",
    command=_init,
)
