"""Roles: who may do what, as one table."""

from dataclasses import dataclass

from hedgerow.kit import HedgerowError, nearest

CAPABILITIES = {
    "read": "read every page and measure",
    "people": "say who is who, and edit profiles",
    "leads": "answer for leads of their own side, and write down what was done",
    "links": "make links to share",
    "faults": "see what could not be kept, and try it again",
    "keys": "make, limit and revoke write keys",
    "users": "invite users, change their roles and end them",
}
"""What there is to be allowed, each with what it lets somebody do."""


@dataclass(frozen=True)
class Role:
    """A role: its sentence, and the capabilities of whoever has it."""

    name: str
    says: str
    may: frozenset[str]


_WORKING = {"read", "people", "leads", "links"}
ROLES = {
    role.name: role
    for role in (
        Role("admin", "Does everything: keys and users too.", frozenset(CAPABILITIES)),
        Role(
            "marketing",
            "Reads everything, says who is who, cares for leads marketing has, makes links, mends faults.",
            frozenset({*_WORKING, "faults"}),
        ),
        Role("sales", "Reads all, says who is who, answers for leads sales has, makes links.", frozenset(_WORKING)),
        Role("viewer", "Reads everything and changes nothing.", frozenset({"read"})),
    )
}
"""Every role by its name, the one that may most first."""


def find_role(name: str) -> Role:
    """Return the role called `name`; raises `HedgerowError` with the nearest name where there is none."""
    if name not in ROLES:
        raise HedgerowError(f"No role is called '{name}'.{nearest(name, ROLES)}")
    return ROLES[name]
