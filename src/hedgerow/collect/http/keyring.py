"""The keyring: the write keys in force, each with its sites and with how much it may still send."""

import threading
import time
from collections.abc import Callable

from hedgerow.access import Key, keys
from hedgerow.collect.http.answer import Refused
from hedgerow.ledger import Workspace

_AT_ONCE = 10


class Bucket:
    """A token bucket: `rate` a second run in, ten seconds' worth at the most; what is taken may leave it in debt."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._level, self._at = rate * _AT_ONCE, clock()

    def take(self, many: int) -> int:
        """Take `many`, or where the bucket is empty take nothing; returns the seconds until it is not, 0 if taken."""
        now = self._clock()
        self._level = min(self._level + (now - self._at) * self._rate, self._rate * _AT_ONCE)
        self._at = now
        if self._level <= 0:
            return int(-self._level / self._rate) + 1
        self._level -= many
        return 0


class Keyring:
    """The keys of a workspace as they were at the last `refresh`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._keys: dict[str, Key] = {}
        self._buckets: dict[tuple[str, int], Bucket] = {}
        self._sites: frozenset[str] = frozenset()
        self._reading = threading.Lock()

    def refresh(self) -> None:
        """Read the keys again; raises what the database raises, the keys known staying in force."""
        with self._reading:  # Else of two at once the one that read earlier could have the last word.
            live = {key.key: key for key in keys(self._workspace) if key.revoked_at is None}
            self._sites = frozenset(site for key in live.values() for site in key.sites)
            self._keys = live

    def find(self, key: str) -> Key:
        """Return the key; raises `Refused` (401) for none, an unknown one or a revoked one."""
        found = self._keys.get(key)
        if not found:
            missing = "The request carries no write key" if not key else "The write key is unknown or was revoked"
            raise Refused(401, f"{missing}: `hedgerow keys` shows those there are.")
        return found

    def check_site(self, key: Key, origin: str) -> None:
        """Raise `Refused` (403) where a page at `origin` may not use the key."""
        if not _of(origin, key.sites):
            raise Refused(403, f"Pages of {origin} may not use this key: add the site to the key '{key.name}'.")

    def knows(self, origin: str) -> bool:
        """Return whether pages at `origin` may use any key."""
        return _of(origin, self._sites)

    def spend(self, key: Key, many: int) -> None:
        """Count `many` events against the key's rate; raises `Refused` (429) where it is used up."""
        if not key.rate:
            return
        bucket = self._buckets.setdefault((key.name, key.rate), Bucket(key.rate))
        if wait := bucket.take(many):
            raise Refused(429, f"This key may send {key.rate:,} events a second: send it again later.", wait)


def host_of(origin: str) -> str:
    """Return the host, and the port if it is said, of an origin or an address; empty where there is none."""
    scheme, _, rest = origin.partition("://")
    if scheme.lower() not in ("http", "https"):
        return ""
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    return "" if "@" in rest else rest.lower()


def _of(origin: str, sites: frozenset[str] | tuple[str, ...]) -> bool:
    host = host_of(origin)
    names = {host, host.rpartition(":")[0]} if ":" in host.rpartition("]")[2] else {host}
    return any(name == site or name.endswith("." + site) for name in names if name for site in sites)
