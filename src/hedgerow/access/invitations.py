"""Invitations: one-time links that make a user, or give one a new password."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hedgerow.access.passwords import check_password, hashed
from hedgerow.access.roles import find_role
from hedgerow.access.sessions import digest_of
from hedgerow.access.tables import INVITATIONS, USERS, time_of
from hedgerow.access.users import User, add_user, checked_email, checked_user, find_user, insert_user, shut_out, users
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace

LASTS = timedelta(hours=24)
_START, _DEMO = "start", "demo"


@dataclass(frozen=True)
class Invitation:
    """A one-time link that is open: for whom ("" is whoever has it), in which role, and who made it.

    `user` is who gets a new password by it, None where it makes a user. `signs_in` is true of the demo's alone,
    which lets in whoever opens it.
    """

    digest: str
    email: str
    role: str
    made_by: str
    ends_at: datetime
    user: User | None
    signs_in: bool


def first_link(workspace: Workspace, base_url: str) -> str | None:
    """Return a one-time link that makes the first admin, in place of one given before; None where a user exists."""
    return None if users(workspace) else _link(workspace, base_url, "admin", "", _START)


def invite(workspace: Workspace, base_url: str, email: str, role: str, made_by: str) -> str:
    """Return a one-time link that makes a user with this role, in place of one given to the e-mail before."""
    small, wanted = checked_email(email), find_role(role).name
    if any(user.email == small and not user.ended_at for user in users(workspace)):
        raise HedgerowError(f"{small} has an account already: change its role, or give it a link for a new password.")
    return _link(workspace, base_url, wanted, small, made_by)


def password_link(workspace: Workspace, base_url: str, email: str, made_by: str) -> str:
    """Return a one-time link that gives a user a new password, in place of one given before."""
    found = find_user(workspace, email)
    if found.ended_at:
        raise HedgerowError(f"{found.email} was ended: invite it again to bring it back.")
    return _link(workspace, base_url, found.role.name, found.email, made_by)


def demo_link(workspace: Workspace, base_url: str, email: str) -> str:
    """Return a one-time link that signs in whoever opens it, as an admin of the demo, who has no password."""
    if email not in {user.email for user in users(workspace)}:
        add_user(workspace, email, "Demo", "admin")
    return _link(workspace, base_url, "admin", email, _DEMO)


def find_invitation(workspace: Workspace, token: str) -> Invitation:
    """Return the open invitation with this token; raises `HedgerowError` that says why there is none."""
    with workspace.record.connect() as connection:
        asked = sa.select(INVITATIONS).where(INVITATIONS.c.digest == digest_of(token))
        row = _checked(connection.execute(asked).first())
    known = {user.email: user for user in users(workspace) if not user.ended_at}
    by_demo = row.made_by == _DEMO
    return Invitation(row.digest, row.email, row.role, row.made_by, time_of(row.ends_at), known.get(row.email), by_demo)


def accept(workspace: Workspace, token: str, email: str, name: str, password: str) -> User:
    """Use an invitation up and return its user, made or with a new password; all its sessions before are over.

    `email` counts where the invitation names none, `name` where it makes a user. Raises `HedgerowError` for a link
    that is not open any more and for what `add_user` would refuse; the link then stays as it was.
    """
    found = find_invitation(workspace, token)
    row = checked_user(found.email or email, found.user.name if found.user else name, found.role)
    check_password(password, row["email"])
    row["password"] = hashed(password)
    with workspace.record.begin() as connection:
        _use(connection, found)
        if found.made_by == _START and connection.scalar(sa.select(sa.func.count()).select_from(USERS)):
            raise HedgerowError("There is an account already: ask its owner for an invitation.")
        _put(connection, row)
    return find_user(workspace, row["email"])


def enter(workspace: Workspace, token: str) -> User:
    """Use up a link of the demo and return the user it signs in; raises `HedgerowError` for any other link."""
    found = find_invitation(workspace, token)
    if not found.signs_in or found.user is None:
        raise HedgerowError("This link signs nobody in at once: ask for a new one.")
    with workspace.record.begin() as connection:
        _use(connection, found)
    return found.user


def _link(workspace: Workspace, base_url: str, role: str, email: str, made_by: str) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    row = {
        "digest": digest_of(token),
        "role": role,
        "email": email,
        "made_by": made_by,
        "made_at": clock.microseconds(now),
        "ends_at": clock.microseconds(now + LASTS),
    }
    replaced = (INVITATIONS.c.email == email) & INVITATIONS.c.used_at.is_(None)
    with workspace.record.begin() as connection:
        connection.execute(sa.update(INVITATIONS).where(replaced).values(ends_at=0))
        connection.execute(sa.insert(INVITATIONS).values(**row))
    return f"{base_url.rstrip('/')}/welcome/{token}"


def _checked(row: Any) -> Any:
    if row is None:
        raise HedgerowError("No such link was made: copy all of it, or ask for a new one.")
    if row.used_at is not None:
        raise HedgerowError("This link was used already: sign in, or ask for a new one.")
    if row.ends_at == 0:
        raise HedgerowError("This link was taken back, or replaced by a newer one: use that, or ask for one.")
    if row.ends_at <= clock.microseconds(clock.now()):
        raise HedgerowError("This link has ended after 24 hours: ask for a new one.")
    return row


def _use(connection: sa.Connection, found: Invitation) -> None:
    now = clock.microseconds(clock.now())
    waiting = (INVITATIONS.c.digest == found.digest) & INVITATIONS.c.used_at.is_(None) & (INVITATIONS.c.ends_at > now)
    if not connection.execute(sa.update(INVITATIONS).where(waiting).values(used_at=now)).rowcount:
        raise HedgerowError("This link was used already: sign in, or ask for a new one.")


def _put(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Make a user of a row, or bring the one with its e-mail up to it: an active one keeps its role and name."""
    there = connection.execute(sa.select(USERS).where(USERS.c.email == row["email"])).first()
    if there is None:
        insert_user(connection, row)
        return
    changed = {"password": row["password"]}
    if there.ended_at is not None:
        changed |= {"name": row["name"], "role": row["role"], "ended_at": None}
    connection.execute(sa.update(USERS).where(USERS.c.id == there.id).values(**changed))
    shut_out(connection, there.id, there.email)
