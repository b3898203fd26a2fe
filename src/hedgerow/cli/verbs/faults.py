"""hedgerow faults: what could not be kept, by reason, and trying it again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.collect import retry
from hedgerow.kit import HedgerowError, nearest
from hedgerow.ledger import Workspace, drops, open_workspace, reasons

Because = Annotated[str | None, typer.Option("--reason", help="A reason, as `hedgerow faults list` says it.")]


def _list(workspace: Folder = HERE) -> None:
    """Show the reasons, with how many were dropped for each."""
    opened = open_workspace(workspace)
    found = reasons(opened)
    opened.close()
    if not found:
        OUT.print("Nothing was dropped.")
        return
    rows = [[f"{each.count:,}", each.says, ", ".join(each.kinds), _moment(each.latest_at)] for each in found]
    show_table([("dropped", True), ("because", False), ("kind", False), ("latest (UTC)", False)], rows)


def _show(
    workspace: Folder = HERE,
    reason: Because = None,
    most: Annotated[int, typer.Option(help="Payloads of each reason at the most, the latest.", min=1)] = 10,
) -> None:
    """Show what was dropped, as it came."""
    opened = open_workspace(workspace)
    _check(opened, reason)
    for says, dropped in drops(opened, most).items():
        if reason in (None, says):
            OUT.print(says, style="bold", markup=False)
            for drop in dropped:
                OUT.print(f"  {_moment(drop.dropped_at)}  {drop.payload}", markup=False, soft_wrap=True)
    opened.close()


def _retry(workspace: Folder = HERE, reason: Because = None) -> None:
    """Try again what a request brought; rows of an import come in by importing the file again."""
    opened = open_workspace(workspace)
    _check(opened, reason)
    tried = retry(opened, reason)
    OUT.print(f"{tried.again:,} tried again; {tried.left:,} would be dropped for the same reason, and wait.")
    if tried.again:
        mill.turn(opened)
        left = sum(each.count for each in reasons(opened))
        OUT.print(f"{left:,} could not be kept now: `hedgerow faults list` says why." if left else "All are kept.")
    opened.close()


def _check(workspace: Workspace, reason: str | None) -> None:
    known = [each.says for each in reasons(workspace)]
    if reason is not None and reason not in known:
        raise HedgerowError(f"Nothing was dropped because '{reason}'.{nearest(reason, known)}")


def _moment(microseconds: int) -> str:
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d %H:%M}" if microseconds else "before 0.2"


VERB = Verb(
    says="See what could not be kept, by reason, and try it again after a fix.",
    example="hedgerow faults retry --reason 'its map can't be used' --workspace acme",
    command={"list": _list, "show": _show, "retry": _retry},
)
