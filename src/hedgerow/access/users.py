"""Users: who may sign in, and with which role."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hedgerow.access.passwords import check_password, hashed
from hedgerow.access.roles import Role, find_role
from hedgerow.access.tables import INVITATIONS, SESSIONS, USERS, time_of
from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.ledger import Workspace

LONGEST = 254
"""Characters in an e-mail (RFC 5321, 4.5.3.1.3), and in a name."""


@dataclass(frozen=True)
class User:
    """Somebody who signs in; one with `ended_at` can't any more."""

    id: int
    name: str
    email: str
    role: Role
    made_at: datetime
    ended_at: datetime | None

    def may(self, capability: str) -> bool:
        """Return whether this user's role allows something."""
        return capability in self.role.may


def users(workspace: Workspace) -> list[User]:
    """Return every user, the ended ones last, in order of their making."""
    with workspace.record.connect() as connection:
        rows = connection.execute(sa.select(USERS).order_by(USERS.c.ended_at.is_not(None), USERS.c.made_at, USERS.c.id))
        return [user_of(row) for row in rows]


def find_user(workspace: Workspace, email: str) -> User:
    """Return the user with this e-mail; raises `HedgerowError` with the nearest one where there is none."""
    known = {user.email: user for user in users(workspace)}
    wanted = email.strip().lower()
    if wanted not in known:
        raise HedgerowError(f"No user has the e-mail '{wanted}'.{nearest(wanted, known)}")
    return known[wanted]


def add_user(workspace: Workspace, email: str, name: str, role: str, password: str | None = None) -> User:
    """Add a user and return it; without a password nobody can sign in as it but by a link.

    Raises `HedgerowError` for an e-mail that is taken or is none, an empty name, and a password that is too weak.
    """
    row = checked_user(email, name, role) | {"password": ""}
    if password is not None:
        check_password(password, row["email"])
        row["password"] = hashed(password)
    try:
        with workspace.record.begin() as connection:
            insert_user(connection, row)
    except sa.exc.IntegrityError:
        raise HedgerowError(f"{row['email']} has an account already: give it a link for a new password.") from None
    return find_user(workspace, row["email"])


def change_role(workspace: Workspace, email: str, role: str) -> User:
    """Give a user another role, which ends all its sessions; the last admin stays one."""
    found, wanted = _active(workspace, email), find_role(role)
    if found.role != wanted:
        _change(workspace, found, {"role": wanted.name})
    return find_user(workspace, email)


def end_user(workspace: Workspace, email: str) -> User:
    """End a user: its sessions and open links are over and it can't sign in; a new invitation brings it back."""
    found = _active(workspace, email)
    _change(workspace, found, {"ended_at": clock.microseconds(clock.now())})
    return find_user(workspace, email)


def change_password(workspace: Workspace, user: User, password: str) -> None:
    """Give a user a new password, which ends all its sessions and open links."""
    check_password(password, user.email)
    changed = {"password": hashed(password)}
    with workspace.record.begin() as connection:
        connection.execute(sa.update(USERS).where(USERS.c.id == user.id).values(**changed))
        shut_out(connection, user.id, user.email)


def checked_user(email: str, name: str, role: str) -> dict[str, Any]:
    """Return the row of a user to be; raises `HedgerowError` where something is missing or can't be."""
    named = " ".join(name.split())
    if not named or len(named) > LONGEST or not named.isprintable():
        raise HedgerowError("A user has a name that others know: write it, as in Ann Lee.")
    return {
        "email": checked_email(email),
        "name": named,
        "role": find_role(role).name,
        "made_at": clock.microseconds(clock.now()),
    }


def checked_email(email: str) -> str:
    """Return an e-mail in small letters; raises `HedgerowError` where it is none."""
    small = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", small) or len(small) > LONGEST or not small.isprintable():
        raise HedgerowError(f"'{email}' is no e-mail: write it in full, as in ann@example.org.")
    return small


def insert_user(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Put a checked row, with its hashed password, among the users."""
    connection.execute(sa.insert(USERS).values(**row))


def shut_out(connection: sa.Connection, user: int, email: str) -> None:
    """End every session of a user and every link made for it that is open."""
    connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.user == user))
    waiting = (INVITATIONS.c.email == email) & INVITATIONS.c.used_at.is_(None)
    connection.execute(sa.update(INVITATIONS).where(waiting).values(ends_at=0))


def user_of(row: Any) -> User:
    """Return the user in a row of the table."""
    ended_at = None if row.ended_at is None else time_of(row.ended_at)
    return User(row.id, row.name, row.email, find_role(row.role), time_of(row.made_at), ended_at)


def _active(workspace: Workspace, email: str) -> User:
    found = find_user(workspace, email)
    if found.ended_at:
        raise HedgerowError(f"{found.email} was ended: invite it again to bring it back.")
    return found


def _change(workspace: Workspace, user: User, changed: dict[str, Any]) -> None:
    admins = (USERS.c.role == "admin") & USERS.c.ended_at.is_(None)
    with workspace.record.begin() as connection:
        # Writing first takes the lock in both databases: two admins can't end each other at one time.
        before = connection.execute(sa.update(USERS).where(admins).values(role=USERS.c.role)).rowcount
        connection.execute(sa.update(USERS).where(USERS.c.id == user.id).values(**changed))
        if before and not connection.scalar(sa.select(sa.func.count()).where(admins)):
            raise HedgerowError(f"{user.email} is the last admin: make somebody else an admin first.")
        shut_out(connection, user.id, user.email)
