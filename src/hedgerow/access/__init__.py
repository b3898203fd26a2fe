"""access owns who may do what: write keys, users, roles and sessions; it never looks into the ledger."""

from hedgerow.access.keys import Key, find_key, keys, limit_key, make_key, revoke_key

__all__ = ["Key", "find_key", "keys", "limit_key", "make_key", "revoke_key"]
