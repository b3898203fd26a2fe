"""access owns who may do what: write keys, users, roles and sessions; it never looks into the ledger."""

from hedgerow.access.invitations import (
    Invitation,
    accept,
    demo_link,
    enter,
    find_invitation,
    first_link,
    invite,
    password_link,
)
from hedgerow.access.keys import RATE, Key, find_key, keys, limit_key, make_key, revoke_key
from hedgerow.access.roles import CAPABILITIES, ROLES, Role, find_role
from hedgerow.access.sessions import (
    LONGEST,
    Session,
    end_session,
    end_sessions,
    find_session,
    open_session,
    sessions,
    sign_in,
)
from hedgerow.access.tables import time_of
from hedgerow.access.throttle import Throttle
from hedgerow.access.users import User, add_user, change_password, change_role, end_user, find_user, users

__all__ = [
    "CAPABILITIES",
    "LONGEST",
    "RATE",
    "ROLES",
    "Invitation",
    "Key",
    "Role",
    "Session",
    "Throttle",
    "User",
    "accept",
    "add_user",
    "change_password",
    "change_role",
    "demo_link",
    "end_session",
    "end_sessions",
    "end_user",
    "enter",
    "find_invitation",
    "find_key",
    "find_role",
    "find_session",
    "find_user",
    "first_link",
    "invite",
    "keys",
    "limit_key",
    "make_key",
    "open_session",
    "password_link",
    "revoke_key",
    "sessions",
    "sign_in",
    "time_of",
    "users",
]
