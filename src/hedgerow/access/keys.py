"""Write keys: what lets a website or a server send touches, and nothing else."""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hedgerow.access.tables import KEYS, time_of
from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.ledger import Workspace

RATE = 2_000
"""Events a second that a key may send where nothing else is said; ten seconds' worth may come at once."""

_NAME = r"[a-z0-9][a-z0-9_.-]{0,63}"


@dataclass(frozen=True)
class Key:
    """A write key. `name` is its source's: touches by it come from `key:NAME`, and ids count within it.

    `sites` are the hosts whose pages may use it, their subdomains included; none means no browser may.
    `rate` is how many events a second it may send, 0 without a limit.
    """

    name: str
    key: str
    sites: tuple[str, ...]
    rate: int
    made_at: datetime
    revoked_at: datetime | None

    @property
    def source(self) -> str:
        """The source of the touches it sends."""
        return f"key:{self.name}"


def make_key(workspace: Workspace, name: str, sites: Sequence[str] = (), rate: int = RATE) -> Key:
    """Make a write key and return it; raises `HedgerowError` for a name that is taken or can't be one."""
    if not re.fullmatch(_NAME, name):
        raise HedgerowError(f"'{name}' can't name a key: use small letters, digits and - _ . only.")
    _check_rate(rate)
    hosts = [_host(site) for site in sites]
    key = f"wk_{secrets.token_urlsafe(18)}"
    row = {"name": name, "key": key, "sites": json.dumps(hosts), "rate": rate}
    try:
        with workspace.record.begin() as connection:
            connection.execute(sa.insert(KEYS).values(**row, made_at=clock.microseconds(clock.now())))
    except sa.exc.IntegrityError:
        raise HedgerowError(f"A key is called '{name}' already, or was: choose another name.") from None
    return find_key(workspace, name)


def keys(workspace: Workspace) -> list[Key]:
    """Return every write key, the revoked ones too, in order of their making."""
    with workspace.record.connect() as connection:
        rows = connection.execute(sa.select(KEYS).order_by(KEYS.c.made_at, KEYS.c.name))
        return [
            Key(
                row.name,
                row.key,
                tuple(json.loads(row.sites)),
                row.rate,
                time_of(row.made_at),
                _time_or(row.revoked_at),
            )
            for row in rows
        ]


def find_key(workspace: Workspace, name: str) -> Key:
    """Return the key called `name`; raises `HedgerowError` with the nearest name where there is none."""
    known = {key.name: key for key in keys(workspace)}
    if name not in known:
        raise HedgerowError(f"No key is called '{name}'.{nearest(name, known)}")
    return known[name]


def limit_key(workspace: Workspace, name: str, rate: int | None = None, sites: Sequence[str] | None = None) -> Key:
    """Change what a key may: events a second (0 without a limit), and the sites whose pages may use it."""
    found = find_key(workspace, name)
    changed: dict[str, object] = {}
    if rate is not None:
        _check_rate(rate)
        changed["rate"] = rate
    if sites is not None:
        changed["sites"] = json.dumps([_host(site) for site in sites])
    if changed:
        _change(workspace, found.name, changed)
    return find_key(workspace, name)


def revoke_key(workspace: Workspace, name: str) -> Key:
    """Revoke a key for ever: what is sent with it is refused. One that is revoked already stays as it is."""
    found = find_key(workspace, name)
    if found.revoked_at is None:
        _change(workspace, name, {"revoked_at": clock.microseconds(clock.now())})
    return find_key(workspace, name)


def _change(workspace: Workspace, name: str, changed: dict[str, object]) -> None:
    with workspace.record.begin() as connection:
        connection.execute(sa.update(KEYS).where(KEYS.c.name == name).values(**changed))


def _check_rate(rate: int) -> None:
    if not 0 <= rate <= 10_000_000:
        raise HedgerowError(f"A key can't be limited to {rate} events a second: say 1 or more, or 0 for no limit.")


def _host(site: str) -> str:
    host = re.sub(r"^[a-z]+://", "", site.strip().lower()).split("/")[0].removeprefix("www.")
    if not re.fullmatch(r"[a-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:]+\](:\d{1,5})?", host):
        raise HedgerowError(f"'{site}' is no site: write its host alone, such as example.org.")
    return host


def _time_or(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else time_of(microseconds)
