"""The throttle: how often a password may be tried, by e-mail and by address."""

import ipaddress
import math
import threading
from datetime import datetime, timedelta

from hedgerow.kit import HedgerowError, clock

WITHIN = timedelta(minutes=15)
BY_EMAIL, BY_ADDRESS = 5, 20
"""Failed tries within that time, after which every further one is refused."""


class Throttle:
    """Failed tries of the last fifteen minutes, in the memory of this process: a start forgets them."""

    def __init__(self) -> None:
        self._tries: dict[tuple[str, str], list[datetime]] = {}
        self._busy = threading.Lock()

    def count(self, email: str, address: str) -> None:
        """Count a try before it is made, so that many at once get no more; refuses where there were too many."""
        now = clock.now()
        with self._busy:
            self._forget(now)
            for key, most in _keys(email, address):
                if len(tries := self._tries.get(key, [])) >= most:
                    minutes = math.ceil((tries[-most] + WITHIN - now) / timedelta(minutes=1))
                    within = f"{minutes} minute{'s' * (minutes > 1)}"
                    raise HedgerowError(f"There were too many tries that failed: try again in {within}.")
            for key, _ in _keys(email, address):
                self._tries.setdefault(key, []).append(now)

    def forgive(self, email: str, address: str) -> None:
        """Forget the tries for an e-mail after one that was right, and that one for its address."""
        with self._busy:
            of_email, of_address = (key for key, _ in _keys(email, address))
            self._tries.pop(of_email, None)
            if self._tries.get(of_address):
                self._tries[of_address].pop()

    def _forget(self, now: datetime) -> None:
        for key, tries in list(self._tries.items()):
            if late := [each for each in tries if each + WITHIN > now]:
                self._tries[key] = late
            else:
                del self._tries[key]


def _keys(email: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return (("email", email), BY_EMAIL), (("address", _network(address)), BY_ADDRESS)


def _network(address: str) -> str:
    # Whoever has one address of IPv6 has the 2^64 beside it.
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
