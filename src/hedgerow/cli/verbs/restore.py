"""hedgerow restore: an archive back as a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import OWN, erasures, restore


def _restore(
    archive: Annotated[Path, typer.Argument(help="What backup made.")],
    tombstones: Annotated[
        list[Path] | None, typer.Option("--tombstones", help="A file NAME.tombstones.json from elsewhere.")
    ] = None,
    workspace: Folder = HERE,
) -> None:
    restored = restore(archive, workspace, tombstones or ())
    mill.rebuild(restored)
    OUT.print(f"The workspace is in {restored.folder}, and what is derived was made again.")
    again = [each for each in erasures(restored) if each.asked_by == OWN and each.state == "done"]
    if again:
        OUT.print("Whoever was erased since the backup was made is erased in it too.")
    restored.close()


VERB = Verb(
    says="Put a backup back into an empty folder and make again what is derived.",
    example="hedgerow restore acme.tar.gz --workspace acme2",
    command=_restore,
)
