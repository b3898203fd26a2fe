"""Kinds of identifiers and their law: whether one belongs to a person, to a device, or to many people."""

SHARED = ("ip", "domain", "company", "mailbox", "site")
"""Kinds that many people have in common: they say where somebody was, and tie nobody together."""

DEVICE = ("anonymous", "click", "device", "cookie")
"""Kinds that stand for a device: they tie together one person's identifiers until two people use it."""
