"""hedgerow backup: a workspace as one archive."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import backup, open_workspace


def _backup(archive: Annotated[Path, typer.Argument(help="A file to make.")], workspace: Folder = HERE) -> None:
    opened = open_workspace(workspace)
    backup(opened, archive)
    OUT.print(f"The workspace is in {archive}. `hedgerow restore {archive} --workspace FOLDER` puts it back.")
    opened.close()


VERB = Verb(
    says="Write a workspace to one archive, while it is in use.",
    example="hedgerow backup acme.tar.gz --workspace acme",
    command=_backup,
)
