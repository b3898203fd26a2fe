"""hedgerow contacts: contact books as files and on servers, both ways, and who was found on several networks."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.act.contacts import Outcome, People, books, exported, find_book, sync
from hedgerow.act.contacts.books import secret_of
from hedgerow.act.contacts.carddav import find_address_book
from hedgerow.cli.contact_books import add, drop, show_books, show_conflicts
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.collect import import_book
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, open_workspace
from hedgerow.people.cards import format_named, format_shelf
from hedgerow.people.cards.found import found

Kind = Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(format_shelf())}.")]


def _import(
    file: Annotated[Path, typer.Argument(help="A contact book's file, or an archive of X.")],
    workspace: Folder = HERE,
    format: Kind = "",
    book: Annotated[str, typer.Option(help="The book it is of; without it, one named for its format.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Who is not in the file any more has left the book.")] = False,
) -> None:
    """Take a contact book's file in; the same again adds nothing."""
    opened = open_workspace(workspace)
    report = import_book(opened, file, book, format, whole)
    mill.turn(opened, wait=600)
    opened.close()
    OUT.print(
        f"{report.book} ({report.format}): {report.new:,} new, {report.changed:,} changed, {report.same:,} as before, "
        f"{report.gone:,} gone, {len(report.rejected):,} not taken."
    )
    _show_rejected([(f"line {each.line}", each.reason) for each in report.rejected])
    if report.rejects:
        OUT.print(f"They are in {report.rejects}, with line and reason.", markup=False, soft_wrap=True)


def _export(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    format: Kind,
    workspace: Folder = HERE,
    only: Annotated[str, typer.Option("--list", help="Only the people of this list.")] = "",
) -> None:
    """Write everybody of whom something was stated, or a list of them, as a contact book's file."""
    write = format_named(format).write
    if write is None:
        raise HedgerowError(f"Nothing takes in a file of the format {format}: choose another with --format.")
    opened = open_workspace(workspace)
    mill.turn(opened, wait=600)
    cards = exported(opened, only)
    opened.close()
    file.write_bytes(write(cards))
    OUT.print(f"Written to {file}: {len(cards):,} people, as far as the format can hold them.", markup=False)


def _sync(
    book: Annotated[str, typer.Argument(help="The book; without it, all that are on a server.")] = "",
    workspace: Folder = HERE,
) -> None:
    """Bring books on servers and the ledger to the same."""
    opened = open_workspace(workspace)
    names = [book] if book else [each.name for each in books(opened) if each.url]
    if not names:
        raise HedgerowError("No book is on a server: add one with `hedgerow contacts add NAME URL USER`.")
    for name in names:
        _show(name, _synced(opened, name, lambda: mill.turn(opened, wait=600)))
    mill.turn(opened, wait=600)
    opened.close()


def _synced(workspace: Workspace, name: str, turn: Callable[[], object]) -> Outcome:
    book = find_book(workspace, name)
    if not book.url:
        raise HedgerowError(f"The book '{name}' comes as files: import it, or add one that is on a server.")
    remote = find_address_book(book.url, book.user, secret_of(workspace, name))
    try:
        return sync(workspace, book, People(workspace, book, turn), remote)
    finally:
        remote.close()


def _show(name: str, outcome: Outcome) -> None:
    OUT.print(
        f"{name}: {outcome.read:,} cards read, {outcome.written:,} written, {outcome.gone:,} gone there, "
        f"{outcome.removed:,} taken out, {len(outcome.conflicts):,} conflicts, {len(outcome.rejected):,} not taken."
    )
    if outcome.conflicts:
        rows = [[each.uid, each.field, each.kept, each.lost] for each in outcome.conflicts]
        show_table([(column, False) for column in ("card", "field", "kept", "not kept")], rows)
    _show_rejected(outcome.rejected)


def _show_rejected(rejected: list[tuple[str, str]]) -> None:
    for where, reason in rejected:
        OUT.print(f"  {where}: {reason}.", markup=False, soft_wrap=True)


def _found(
    network: Annotated[str, typer.Option("--from", help="The network to begin with, such as mastodon.")],
    workspace: Folder = HERE,
) -> None:
    """Show the people known on one network, what else they are known by, and what says so."""
    opened = open_workspace(workspace)
    rows = [
        [each.known, each.other, " → ".join(f"{step.source}: {step.identifier}" for step in each.chain)]
        for each in found(opened, network)
    ]
    opened.close()
    if not rows:
        OUT.print(f"Nobody on {network} is known by anything else: import another book that names them.")
        return
    show_table([(name, False) for name in ("known as", "also", "by what")], rows)


VERB = Verb(
    says="Keep contact books in step: files of networks and programs, and CardDAV servers, both ways.",
    example="hedgerow contacts import Connections.csv --workspace acme",
    command={
        "import": _import,
        "export": _export,
        "sync": _sync,
        "books": show_books,
        "add": add,
        "drop": drop,
        "conflicts": show_conflicts,
        "found": _found,
    },
)
