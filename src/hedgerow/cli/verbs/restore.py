"""hedgerow restore: an archive back as a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import restore


def _restore(archive: Annotated[Path, typer.Argument(help="What backup made.")], workspace: Folder = HERE) -> None:
    restored = restore(archive, workspace)
    mill.rebuild(restored)
    OUT.print(f"The workspace is in {restored.folder}, and what is derived was made again.")
    restored.close()


VERB = Verb(
    says="Put a backup back into an empty folder and make again what is derived.",
    example="hedgerow restore acme.tar.gz --workspace acme2",
    command=_restore,
)
