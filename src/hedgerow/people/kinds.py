"""Kinds of identifiers and their law: whether one belongs to one person, to a device, or to many people."""

from enum import IntEnum

SHARED = ("ip", "domain", "company", "mailbox", "site", "account", "book", "erased")
"""Kinds that many people have in common: they say where somebody was, and tie nobody together."""

DEVICE = ("anonymous", "click", "device", "cookie")
"""Kinds that stand for a device: they tie together one person's identifiers until two people use it."""

SEVERAL = ("email", "phone", "handle", "name", "page", "card", "link", "url")
"""Kinds of which one person may have several, or that may pass to another: a mail address, a handle, a telephone.
A mail address that was verified is one person's alone. Every other kind (a CRM's id, an account on a network) is
unique: two different ones of a kind are two people, unless a person says otherwise."""

MAILBOXES = frozenset(
    """
    abuse accounting accounts admin administrator billing careers contact contacts customerservice enquiries events
    feedback finance hello help helpdesk hi hostmaster hr info inquiries invoice invoices it jobs legal mail mailbox
    marketing media news newsletter no-reply noreply office orders payments postmaster press privacy reception root
    sales security service services shop staff subscribe support team webmaster welcome
    """.split()  # noqa: SIM905 - one a line would be a page
)
"""Names of mailboxes that stand for a role and are read by many (RFC 2142 and what companies add to it)."""


class Law(IntEnum):
    """What an identifier may tie together, the weaker the smaller."""

    SHARED = 0
    DEVICE = 1
    SEVERAL = 2
    UNIQUE = 3


def _listed(names: tuple[str, ...] | frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


LAW = (
    f"CASE WHEN kind IN ({_listed(SHARED)}) THEN {Law.SHARED:d} WHEN kind IN ({_listed(DEVICE)}) THEN {Law.DEVICE:d} "
    f"WHEN kind = 'email' AND split_part(value, '@', 1) IN ({_listed(MAILBOXES)}) THEN {Law.SHARED:d} "
    f"WHEN kind IN ({_listed(SEVERAL)}) THEN {Law.SEVERAL:d} ELSE {Law.UNIQUE:d} END"
)
"""SQL for the law of an identifier of which `kind` and `value` are known."""
