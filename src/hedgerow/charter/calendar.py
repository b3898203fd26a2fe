"""The calendar: when a team is there, and when what it has to do within a span is due, exact across clock changes.

An opening runs from the first instant its wall clock shows its start to the first it shows its end; an hour that
the clock skips is no time at all. Instants are whole microseconds since 1970 UTC, as `kit.clock` counts them.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from hedgerow.kit.clock import microseconds

I64 = NDArray[np.int64]
Unit = Literal["minutes", "hours", "days", "business minutes", "business hours", "business days"]
Opening = tuple[time, time | None]
"""From when to when a team is there; None is midnight at the end of the day."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MINUTE = 60_000_000
_LENGTH = {"minutes": _MINUTE, "hours": 60 * _MINUTE}
_MOST = 5_000


class Span(msgspec.Struct, frozen=True):
    """How long something may take, as in 4 business hours.

    Days end at midnight, business days at closing: within 1 business day is before closing on the next one.
    """

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.removesuffix('s') if self.amount == 1 else self.unit}"


class Calendar(msgspec.Struct, frozen=True):
    """The openings of each weekday (Monday first) in one zone, and the days without."""

    zone: str
    openings: tuple[tuple[Opening, ...], ...]
    holidays: frozenset[date] = frozenset()


ROUND_THE_CLOCK = Calendar("UTC", (((time(0), None),),) * 7)


def span(text: str) -> Span | None:
    """Return "4 business hours" as a span, None where it is not written so or lies outside 1 to 5,000."""
    found = re.fullmatch(r"(\d{1,4})\s+(?:(business)\s+)?(minute|hour|day)s?", text.strip())
    if not found or not 0 < int(found[1]) <= _MOST:
        return None
    unit = f"{found[2] + ' ' if found[2] else ''}{found[3]}s"
    return msgspec.convert({"amount": int(found[1]), "unit": unit}, Span)


def openings(text: str) -> tuple[Opening, ...] | None:
    """Return "09:00-12:00, 13:00-17:30" as openings, None where it is not written so or they are out of order."""
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)\s*", part)
        if not match:
            return None
        end = time(int(match[3]), int(match[4])) if match[3] else None
        found.append((time(int(match[1]), int(match[2])), end))
    bounds = [bound for opening in found for bound in opening]
    ordered = all(a is not None and (b is None or a < b) for a, b in pairwise(bounds) if a != b)
    apart = all(start != end for start, end in found)
    return tuple(found) if ordered and apart and None not in bounds[:-1] else None


def due(calendar: Calendar, starts: I64, within: Span) -> I64:
    """Return when what starts at each instant is due."""
    if within.unit in _LENGTH:
        return starts + within.amount * _LENGTH[within.unit]
    if not len(starts):
        return starts
    if within.unit == "days":
        return _reached(calendar, starts, within.amount, _end_of_day)
    if within.unit == "business days":
        return _reached(calendar, starts, within.amount, _closing)
    amount = within.amount * _LENGTH[within.unit.removeprefix("business ")]
    return _reached(calendar, starts, amount, _worked)


def business_time(calendar: Calendar, starts: I64, ends: I64) -> I64:
    """Return how many microseconds the team was there between two instants each."""
    if not len(starts):
        return starts
    years = _years(int(starts.min()), int(ends.max()))
    opens, closes = _openings(calendar, years[0], years[1])
    return _elapsed(opens, closes, ends) - _elapsed(opens, closes, starts)


def _reached(
    calendar: Calendar, starts: I64, amount: int, find: Callable[[Calendar, tuple[int, int], I64, int], I64 | None]
) -> I64:
    first, last = _years(int(starts.min()), int(starts.max()))
    while (found := find(calendar, (first, last), starts, amount)) is None:
        last += 1 + (last - first)
    return found


def _worked(calendar: Calendar, years: tuple[int, int], starts: I64, amount: int) -> I64 | None:
    opens, closes = _openings(calendar, *years)
    ends = np.cumsum(closes - opens)
    wanted = _elapsed(opens, closes, starts) + amount
    at = np.searchsorted(ends, wanted)
    if at.max() >= len(ends):
        return None
    return (closes[at] - (ends[at] - wanted)).astype(np.int64)


def _closing(calendar: Calendar, years: tuple[int, int], starts: I64, amount: int) -> I64 | None:
    _, closes = _openings(calendar, *years)
    midnights = _midnights(calendar.zone, *years)
    days = np.searchsorted(midnights, closes)  # a closing at midnight belongs to the day it ends
    last_of_day = closes[np.append(days[1:] != days[:-1], True)]
    at = np.searchsorted(last_of_day, starts, side="right") + amount
    return None if at.max() >= len(last_of_day) else last_of_day[at]


def _end_of_day(calendar: Calendar, years: tuple[int, int], starts: I64, amount: int) -> I64 | None:
    midnights = _midnights(calendar.zone, *years)
    at = np.searchsorted(midnights, starts, side="right") + amount
    return None if at.max() >= len(midnights) else midnights[at]


def _elapsed(opens: I64, closes: I64, instants: I64) -> I64:
    """Return how long the team was there before each instant, since the first opening."""
    ends = np.concatenate([[0], np.cumsum(closes - opens)])
    at = np.searchsorted(opens, instants, side="right")
    last = np.maximum(at - 1, 0)
    missing = np.where(at > 0, np.maximum(closes[last] - instants, 0), 0)
    elapsed: I64 = ends[at] - missing
    return elapsed


def _years(first: int, last: int) -> tuple[int, int]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    begin, end = (epoch + timedelta(microseconds=instant) for instant in (first, last))
    return begin.year - 1, end.year + 1


def _openings(calendar: Calendar, first: int, last: int) -> tuple[I64, I64]:
    years = [_year(calendar, year) for year in range(first, last + 1)]
    return np.concatenate([opens for opens, _ in years]), np.concatenate([closes for _, closes in years])


@lru_cache(256)
def _year(calendar: Calendar, year: int) -> tuple[I64, I64]:
    found = [
        (_instant(day, start, calendar.zone), _end(day, end, calendar.zone))
        for day in _days(year)
        if day not in calendar.holidays
        for start, end in calendar.openings[day.weekday()]
    ]
    opened = np.array([(start, end) for start, end in found if start < end], np.int64).reshape(-1, 2)
    return opened[:, 0], opened[:, 1]


def _midnights(zone: str, first: int, last: int) -> I64:
    return np.concatenate([_midnights_of(zone, year) for year in range(first, last + 1)])


@lru_cache(256)
def _midnights_of(zone: str, year: int) -> I64:
    return np.unique(np.array([_instant(day, time(0), zone) for day in _days(year)], np.int64))


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _end(day: date, end: time | None, zone: str) -> int:
    return _instant(day, end, zone) if end else _instant(day + timedelta(days=1), time(0), zone)


def _instant(day: date, wall: time, zone: str) -> int:
    """Return the first instant a wall clock shows this or, where it skips it, the instant of the skip."""
    local = datetime.combine(day, wall, ZoneInfo(zone))
    before, after = local.replace(fold=1).astimezone(UTC), local.astimezone(UTC)
    if before >= after:
        return microseconds(after)
    while after - before > timedelta(seconds=1):  # in a gap, where fold=1 reads earlier: find the skip between
        middle = before + (after - before) // 2
        if middle.astimezone(local.tzinfo).replace(tzinfo=None) < local.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return microseconds(after.replace(microsecond=0))
