"""hedgerow users: who may sign in, and with which role."""

from getpass import getuser
from typing import Annotated

import typer

from hedgerow.access import ROLES, change_role, end_user, invite, password_link, users
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace

Email = Annotated[str, typer.Argument(help="The user's e-mail.")]
Url = Annotated[str, typer.Option(help="Where the pages are, as the link shall have it.")]
PAGES = "http://127.0.0.1:8400"


def _list(workspace: Folder = HERE) -> None:
    """Show every user."""
    opened = open_workspace(workspace)
    known = users(opened)
    opened.close()
    if not known:
        OUT.print("There is no user yet: `hedgerow serve` prints a link that makes the first admin.")
        return
    ended = {user.email: f"{user.ended_at:%Y-%m-%d}" for user in known if user.ended_at}
    rows = [[u.email, u.name, u.role.name, f"{u.made_at:%Y-%m-%d}", ended.get(u.email, "")] for u in known]
    show_table([(name, False) for name in ("e-mail", "name", "role", "made", "ended")], rows)


def _invite(
    email: Email,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    workspace: Folder = HERE,
    url: Url = PAGES,
) -> None:
    """Print a one-time link that makes a user."""
    opened = open_workspace(workspace)
    _show(email, invite(opened, url, email, role, f"user:{getuser()}"))
    opened.close()


def _link(email: Email, workspace: Folder = HERE, url: Url = PAGES) -> None:
    """Print a one-time link that gives a user a new password."""
    opened = open_workspace(workspace)
    _show(email, password_link(opened, url, email, f"user:{getuser()}"))
    opened.close()


def _role(
    email: Email,
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
    workspace: Folder = HERE,
) -> None:
    """Give a user another role, and sign it out everywhere."""
    opened = open_workspace(workspace)
    changed = change_role(opened, email, role)
    OUT.print(f"{changed.email} is {changed.role.name}: {changed.role.says}", markup=False)
    opened.close()


def _end(email: Email, workspace: Folder = HERE) -> None:
    """End a user, and sign it out everywhere; inviting it again brings it back."""
    opened = open_workspace(workspace)
    OUT.print(f"{end_user(opened, email).email} is ended, and signed out everywhere.", markup=False)
    opened.close()


def _show(email: str, link: str) -> None:
    OUT.print(f"For {email}, once and for 24 hours: {link}", markup=False, soft_wrap=True)


VERB = Verb(
    says="Invite users by one-time links, give them roles and new passwords, and end them.",
    example="hedgerow users invite ann@acme.example --role marketing --workspace acme",
    command={"list": _list, "invite": _invite, "link": _link, "role": _role, "end": _end},
)
