"""hedgerow forget: a person erased, for good."""

from getpass import getuser
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, ask_to_forget, counts, erasures, open_workspace
from hedgerow.people import person_with

_WAIT = 600.0


def _forget(
    identifier: Annotated[str, typer.Argument(help="One of the person's identifiers, as email:ann@example.org.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the ledger, without what it says of the person.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    workspace: Folder = HERE,
) -> None:
    opened = open_workspace(workspace)
    mill.turn(opened, wait=_WAIT)
    identifiers = person_with(opened, identifier)
    if not yes:
        _confirm(opened, identifier, identifiers)
    number = ask_to_forget(opened, identifiers, f"user:{getuser()}", reason)
    mill.turn(opened, wait=_WAIT)
    state = next(each.state for each in erasures(opened) if each.number == number)
    opened.close()
    if state == "done":
        OUT.print("They are erased: month, channel and amount stay of what they did, tied to nobody.")
    else:
        OUT.print("They are out of the ledger. Somebody reads its files just now: the next turn of the mill ends it.")
    OUT.print("Archives made before hold them still, and logs that a PostgreSQL server keeps: let those go too.")


def _confirm(workspace: Workspace, identifier: str, identifiers: list[str]) -> None:
    OUT.print("This person is known as", style="bold")
    for each in identifiers:
        OUT.print(f"  {each}", markup=False)
    OUT.print("and will be taken out of", style="bold")
    rows = [[name.replace("_", " "), f"{count:,}"] for name, count in counts(workspace, identifiers).items()]
    show_table([("table", False), ("rows", True)], rows)
    if typer.prompt(f"This can't be undone. Write {identifier} to erase them") != identifier:
        raise HedgerowError("Nobody was erased: write the identifier exactly, or leave it as it is.")


VERB = Verb(
    says="Erase a person: from the ledger, the record and every file, and keep them out when they are sent again.",
    example="hedgerow forget email:ann@example.org --reason 'asked by mail' --workspace acme",
    command=_forget,
)
