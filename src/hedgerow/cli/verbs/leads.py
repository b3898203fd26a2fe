"""hedgerow leads: whose they are, what is to be done, and a salesperson's answers."""

from datetime import datetime, time
from getpass import getuser
from typing import Annotated, Any

import typer

from hedgerow import leads, mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import Workspace, open_workspace, zone_of

Lead = Annotated[str, typer.Argument(help="An identifier of the lead's person, such as email:ann@example.org.")]
Reason = Annotated[str, typer.Option(help="Why.")]


def _list(
    workspace: Folder = HERE, owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None
) -> None:
    """Show the leads that are not at an end, the most urgent first."""
    opened = _turned(workspace)
    rows = leads.today(opened, owner).to_pylist()
    opened.close()
    if not rows:
        OUT.print("There is nothing to do: no lead waits for anybody.")
        return
    names = ("lead", "stage", "owner", "score", "due", "next step")
    listed = [[r["identifier"], r["stage"], r["owner"], _score(r), _due(r), r["next_step"]] for r in rows]
    show_table([(name, name == "score") for name in names], listed)


def _show(lead: Lead, workspace: Folder = HERE) -> None:
    """Show a lead: where it stands, how it came there, and its story so far."""
    opened = _turned(workspace)
    shown = leads.lead(opened, lead)
    row = shown.row
    OUT.print(f"{row['identifier']} is in '{row['stage']}' with {row['owner']} ({row['team']}).", markup=False)
    OUT.print(f"Next: {shown.next_step}{_by(shown.due_at)}.", markup=False, soft_wrap=True)
    names = ("verb", "stage", "owner", "rule", "by", "reason")
    changes = [
        [f"{row['changed_at']:%Y-%m-%d %H:%M}", *(row[name] or "" for name in names)]
        for row in shown.changes.to_pylist()
    ]
    show_table([(name, False) for name in ("at", *names)], changes)
    OUT.print(leads.introduction(opened, lead), markup=False, soft_wrap=True)
    opened.close()


def _accept(lead: Lead, workspace: Folder = HERE) -> None:
    """Take on a lead that was handed over."""
    opened = _turned(workspace)
    leads.accept(opened, lead, _me())
    _done(opened, lead)


def _reject(lead: Lead, reason: Reason, workspace: Folder = HERE) -> None:
    """Send a lead back with a reason."""
    opened = _turned(workspace)
    leads.send_back(opened, lead, reason, _me())
    _done(opened, lead)


def _recycle(
    lead: Lead,
    reason: Reason,
    wake: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which it comes back.")],
    workspace: Folder = HERE,
) -> None:
    """Send a lead back until a day on which it returns to the same owner."""
    opened = _turned(workspace)
    wake_at = datetime.combine(wake.date(), time(), zone_of(opened))
    leads.send_back(opened, lead, reason, _me(), wake_at)
    _done(opened, lead)


def _assign(
    lead: Lead,
    owner: Annotated[str, typer.Argument(help="Somebody of the team that has it.")],
    workspace: Folder = HERE,
) -> None:
    """Give a lead to somebody else of its team."""
    opened = _turned(workspace)
    leads.give(opened, lead, owner, _me())
    _done(opened, lead)


def _restrict(
    lead: Lead,
    workspace: Folder = HERE,
    out: Annotated[bool | None, typer.Option("--out/--in", help="Out of marketing's audiences, or in again.")] = None,
    open_: Annotated[bool | None, typer.Option("--open/--closed", help="Whether marketing may write to it.")] = None,
) -> None:
    """Say for sales what marketing may do."""
    opened = _turned(workspace)
    leads.restrict(opened, lead, _me(), out, open_)
    _done(opened, lead)


def _turned(workspace: Folder) -> Workspace:
    opened = open_workspace(workspace)
    mill.turn(opened)
    return opened


def _done(opened: Workspace, lead: str) -> None:
    mill.turn(opened)
    row = leads.lead(opened, lead).row
    OUT.print(f"{row['identifier']} is in '{row['stage']}' with {row['owner']}.", markup=False)
    opened.close()


def _me() -> str:
    return f"user:{getuser()}"


def _score(row: dict[str, Any]) -> str:
    return "" if row["score"] is None else f"{row['score']:.0f}"


def _due(row: dict[str, Any]) -> str:
    return f"{row['due_at']:%Y-%m-%d %H:%M}{' late' if row['late'] else ''}" if row["due_at"] else ""


def _by(due_at: datetime | None) -> str:
    return f", by {due_at:%Y-%m-%d %H:%M} UTC" if due_at else ""


VERB = Verb(
    says="Show whose leads wait for what, look at one, and take it on, send it back or give it away.",
    example="hedgerow leads list --workspace acme",
    command={
        "list": _list,
        "show": _show,
        "accept": _accept,
        "reject": _reject,
        "recycle": _recycle,
        "assign": _assign,
        "restrict": _restrict,
    },
)
