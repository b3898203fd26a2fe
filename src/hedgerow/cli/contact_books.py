"""Contact books on the command line: what there is, adding one on a server, and what both sides disagreed on."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.act.contacts import add_book, books, conflicts, drop_book, find_book
from hedgerow.act.contacts.books import NOBODY
from hedgerow.act.contacts.carddav import find_address_book
from hedgerow.cli.verb import HERE, OUT, Folder, show_table
from hedgerow.ledger import open_workspace

Name = Annotated[str, typer.Argument(help="The book's name.")]


def show_books(workspace: Folder = HERE) -> None:
    """Show every book."""
    opened = open_workspace(workspace)
    known = books(opened)
    opened.close()
    if not known:
        OUT.print("There is no book yet: import a file, or add one that is on a server.")
        return
    rows = [
        [
            each.name,
            each.url or "files",
            each.user,
            each.pushes,
            f"{each.read_at:%Y-%m-%d %H:%M}" if each.read_at else "",
        ]
        for each in known
    ]
    show_table([(name, False) for name in ("book", "at", "user", "written into it", "synced (UTC)")], rows)


def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="The address of the address book, or of its server.")],
    user: Annotated[str, typer.Argument(help="Whose it is there.")],
    workspace: Folder = HERE,
    secret_file: Annotated[Path | None, typer.Option(help="A file with the password; else you are asked.")] = None,
    push: Annotated[str, typer.Option(help="Whom to write into it: nobody, everyone, or a list's people.")] = NOBODY,
) -> None:
    """Add a book that is on a CardDAV server, once it answers."""
    opened = open_workspace(workspace)
    secret = secret_file.read_text("utf-8").strip() if secret_file else typer.prompt("Password", hide_input=True)
    find_address_book(url, user, secret).close()
    made = add_book(opened, name, url, user, secret, push)
    opened.close()
    OUT.print(f"The book {made.name} is added: `hedgerow contacts sync {made.name}` brings it in.", markup=False)


def drop(name: Name, workspace: Folder = HERE) -> None:
    """Forget a book; what its cards stated stays, and so do the cards on the server."""
    opened = open_workspace(workspace)
    drop_book(opened, name)
    opened.close()
    OUT.print(f"The book {name} is forgotten.", markup=False)


def show_conflicts(name: Name, workspace: Folder = HERE) -> None:
    """Show the fields that both sides of a book changed, with what was kept and what was not."""
    opened = open_workspace(workspace)
    rows = [[each.uid, each.field, each.kept, each.lost] for each in conflicts(opened, find_book(opened, name).name)]
    opened.close()
    show_table([(column, False) for column in ("card", "field", "kept", "not kept")], rows)
