"""hedgerow close: a month of the books, for good."""

from getpass import getuser
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.attribution import close_period
from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.ledger import open_workspace


def _close(
    month: Annotated[str, typer.Argument(help="The month to close, as in 2026-09.")], workspace: Folder = HERE
) -> None:
    opened = open_workspace(workspace)
    mill.turn(opened)
    close_period(opened, month, f"user:{getuser()}")
    mill.turn(opened)
    OUT.print(f"The books are closed up to {month}; what changes in it later is posted to the open period.")
    opened.close()


VERB = Verb(
    says="Close a month of the books: its credit is frozen, later differences go to the open period.",
    example="hedgerow close 2026-09 --workspace acme",
    command=_close,
)
