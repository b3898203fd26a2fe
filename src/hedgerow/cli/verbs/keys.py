"""hedgerow keys: the write keys that let websites and servers send touches."""

from datetime import datetime
from typing import Annotated

import typer

from hedgerow.access import RATE, Key, keys, limit_key, make_key, revoke_key
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import last_received, open_workspace

Name = Annotated[str, typer.Argument(help="The key's name.")]
Sites = Annotated[list[str] | None, typer.Option("--site", help="A host whose pages may use it; say it again.")]


def _list(workspace: Folder = HERE) -> None:
    """Show every key, with what it may and when it was used last."""
    opened = open_workspace(workspace)
    known = keys(opened)
    heard = last_received(opened, [key.source for key in known])
    opened.close()
    if not known:
        OUT.print("There is no key yet: make one with `hedgerow keys make NAME --site HOST`.")
        return
    names = ("name", "sites", "rate", "state", "last touch (UTC)", "key")
    show_table([(name, name == "rate") for name in names], [_said(key, heard.get(key.source)) for key in known])


def _make(
    name: Name,
    workspace: Folder = HERE,
    site: Sites = None,
    rate: Annotated[int, typer.Option(help="Events a second; 0 for no limit.")] = RATE,
) -> None:
    """Make a key and print it."""
    opened = open_workspace(workspace)
    made = make_key(opened, name, site or (), rate)
    OUT.print(f"The key {made.name} is {made.key}", markup=False, soft_wrap=True)
    opened.close()


def _limit(
    name: Name,
    workspace: Folder = HERE,
    site: Sites = None,
    rate: Annotated[int | None, typer.Option(help="Events a second; 0 for no limit.")] = None,
) -> None:
    """Change what a key may; what is not said stays as it is."""
    opened = open_workspace(workspace)
    limited = limit_key(opened, name, rate, site)
    OUT.print(f"{limited.name}: {_rate(limited)} events a second; {', '.join(limited.sites) or 'servers only'}.")
    opened.close()


def _revoke(name: Name, workspace: Folder = HERE) -> None:
    """Revoke a key for ever: what is sent with it from then on is refused."""
    opened = open_workspace(workspace)
    OUT.print(f"The key {revoke_key(opened, name).name} is revoked.")
    opened.close()


def _said(key: Key, heard: datetime | None) -> list[str]:
    state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else f"made {key.made_at:%Y-%m-%d}"
    last = f"{heard:%Y-%m-%d %H:%M}" if heard else "none"
    return [key.name, ", ".join(key.sites) or "servers only", _rate(key), state, last, key.key]


def _rate(key: Key) -> str:
    return f"{key.rate:,}" if key.rate else "unlimited"


VERB = Verb(
    says="Make, limit and revoke the write keys that let websites and servers send touches.",
    example="hedgerow keys make shop --site shop.example --rate 500 --workspace acme",
    command={"list": _list, "make": _make, "limit": _limit, "revoke": _revoke},
)
