"""hedgerow access: everything held on a person, as one archive."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace
from hedgerow.people import write_archive


def _access(
    identifier: Annotated[str, typer.Argument(help="One of the person's identifiers, as email:ann@example.org.")],
    archive: Annotated[Path, typer.Argument(help="A zip file to make.")],
    workspace: Folder = HERE,
) -> None:
    opened = open_workspace(workspace)
    mill.turn(opened, wait=600.0)
    counts = write_archive(opened, identifier, archive)
    opened.close()
    show_table([("part", False), ("rows", True)], [[name, f"{count:,}"] for name, count in counts.items()])
    OUT.print(f"Everything held on them is in {archive}; index.html in it shows it.", markup=False, soft_wrap=True)


VERB = Verb(
    says="Write everything held on a person to one archive.",
    example="hedgerow access email:ann@example.org ann.zip --workspace acme",
    command=_access,
)
