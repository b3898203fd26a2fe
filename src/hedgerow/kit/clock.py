"""The clock: the only place that asks what time it is, and how far a zone is ahead of UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = 86_400
_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """Return the present in UTC, with microseconds."""
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Within this context the clock stands still at `instant` (which must carry a zone)."""
    token = _stopped.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)


def microseconds(instant: datetime) -> int:
    """Return whole microseconds since 1970-01-01 UTC, exactly (a float timestamp is not)."""
    elapsed = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def instant(microseconds: int) -> datetime:
    """Return the instant that many microseconds after 1970-01-01 UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def offsets(zone: ZoneInfo, since: int, until: int) -> list[tuple[int, int]]:
    """Return a zone's offsets in seconds, each with the second since 1970 UTC it holds until.

    They cover `since` to `until`, both in seconds since 1970 UTC; the last one goes on.
    """
    found: list[tuple[int, int]] = []
    here = since
    while here < until:
        following = min(here + _DAY, until)
        if offset(zone, following) != offset(zone, here):
            found.append((_change(zone, here, following), offset(zone, here)))
        here = following
    return [*found, (until, offset(zone, until))]


def offset(zone: ZoneInfo, second: int) -> int:
    """Return how many seconds a zone is ahead of UTC at a second since 1970 UTC."""
    ahead = datetime.fromtimestamp(second, zone).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
    return high
