"""hedgerow rebuild: everything derived, made again from the ledger."""

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import open_workspace


def _rebuild(workspace: Folder = HERE) -> None:
    opened = open_workspace(workspace)
    mill.rebuild(opened)
    OUT.print("Everything derived was made again from the ledger.")
    opened.close()


VERB = Verb(
    says="Forget what is derived and make it again from the ledger; it comes out the same.",
    example="hedgerow rebuild --workspace acme",
    command=_rebuild,
)
