"""Standing: what points are worth at an instant, exactly; the arithmetic of caps, half-lives and sums, on arrays.

A person's points, in order of time and of their touches' ids, are put through four steps:

1. The day's cap of a signal, then of its group: of a day's points each is granted what is left of the cap.
2. Decay: of a point granted g at the time a, round(g * 2^-((t - a) / half-life)) is left at the time t.
3. The cap of a signal, then of its group: of what is left each counts as far as the cap goes, the latest first.
4. The sum of what counts.

Caps hold for points given and for points taken apart. A grant looks at nothing later than its own touch, so it is the
same at every t; what is left and what counts are functions of t alone. All amounts are integers, millionths of a
point, so sums don't depend on the order they are made in.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hedgerow.journeys.walk import in_order
from hedgerow.kit.clock import offsets

I64 = NDArray[np.int64]
MILLION = 1_000_000
DAY = 86_400
ENDLESS = 1 << 60
"""What stands for no cap."""


@dataclass(frozen=True)
class Terms:
    """The terms of signals (s,) and groups (g,): half-lives in microseconds, caps in millionths, a signal's group."""

    half_life: NDArray[np.float64]
    day_cap: I64
    cap: I64
    group: I64
    group_day_cap: I64
    group_cap: I64


@dataclass(frozen=True)
class Points:
    """(n,) points: whose, when in microseconds since 1970 UTC, tie, which signal, millionths of a point."""

    person: NDArray[np.int32]
    at: I64
    tie: NDArray[np.int32]
    signal: NDArray[np.int16]
    amount: I64

    def take(self, places: NDArray[np.intp]) -> "Points":
        """Return the points at `places`, in that order."""
        return Points(self.person[places], self.at[places], self.tie[places], self.signal[places], self.amount[places])

    def ordered(self) -> NDArray[np.intp]:
        """Return the order by person, time and tie."""
        return in_order(self.person, self.at, self.tie, len(self.person))


def granted(points: Points, terms: Terms, zone: ZoneInfo) -> I64:
    """Return (n,) what each of the ordered points grants, its day's caps held; days are those of `zone`."""
    day = _days(points.at, zone)
    amount = _held(points.amount, terms.day_cap[points.signal], points.signal, points.person, day)
    group = terms.group[points.signal]
    return _held(amount, terms.group_day_cap[group], group, points.person, day)


def left(points: Points, amount: I64, terms: Terms, at: int | I64) -> I64:
    """Return (n,) what of each granted amount is left at `at`, microseconds since 1970 UTC, not before any point.

    `at` is one instant, or (n,) one for each."""
    lives = (at - points.at) / terms.half_life[points.signal]
    return np.rint(amount * np.exp2(-lives)).astype(np.int64)


def counting(points: Points, amount: I64, terms: Terms) -> I64:
    """Return (n,) what counts of what is left of the ordered points, the caps held, the latest first."""
    signal, person = points.signal[::-1], points.person[::-1]
    counted = _held(amount[::-1], terms.cap[signal], signal, person)
    group = terms.group[signal]
    return _held(counted, terms.group_cap[group], group, person)[::-1]


def totals(points: Points, amount: I64, terms: Terms) -> tuple[NDArray[np.int32], I64]:
    """Return the people (p,) and what counts for each by group (p, g): the sums of `counting`, made without it."""
    begins = _begins(points.person)
    people = points.person[begins]
    place = np.cumsum(begins) - 1
    given = np.zeros((len(people), len(terms.group_cap)), np.int64)
    taken = np.zeros_like(given)
    order = np.argsort(points.signal, kind="stable")
    ends = np.searchsorted(points.signal[order], np.arange(len(terms.group) + 1))
    for signal, group in enumerate(terms.group.tolist()):
        rows = order[ends[signal] : ends[signal + 1]]
        # A signal gives or takes, never both: its sums have the sign of its points. They stay below 2^53.
        summed = np.bincount(place[rows], amount[rows], len(people)).astype(np.int64)
        clipped = np.clip(summed, -terms.cap[signal], terms.cap[signal])
        given[:, group] += np.maximum(clipped, 0)
        taken[:, group] += np.minimum(clipped, 0)
    return people, np.minimum(given, terms.group_cap) + np.maximum(taken, -terms.group_cap)


def _held(amount: I64, cap: I64, kind: NDArray[np.integer], person: NDArray[np.int32], day: I64 | None = None) -> I64:
    """Return (n,) the amounts, of which those of one kind, sign, person and day (adjacent ones) hold together a cap."""
    keyed = kind.astype(np.int16) * 2 + (amount < 0)
    order = np.argsort(keyed, kind="stable")
    begins = _begins(keyed[order]) | _begins(person[order])
    if day is not None:
        begins |= _begins(day[order])
    size = np.abs(amount[order])
    upto = np.cumsum(size)
    first = np.flatnonzero(begins)
    upto -= np.repeat(upto[first] - size[first], np.diff(np.append(first, len(size))))
    most = cap[order]
    held = np.empty_like(amount)
    held[order] = np.minimum(upto, most) - np.minimum(upto - size, most)
    return np.where(amount < 0, -held, held)


def _begins(value: NDArray[np.integer]) -> NDArray[np.bool_]:
    begins = np.ones(len(value), bool)
    begins[1:] = value[1:] != value[:-1]
    return begins


def _days(at: I64, zone: ZoneInfo) -> I64:
    if not len(at):
        return at
    seconds = at // MILLION
    known = offsets(zone, int(seconds.min()), int(seconds.max()) + 1)
    if len(known) == 1:
        return (seconds + known[0][1]) // DAY
    edges, ahead = (np.array(column, np.int64) for column in zip(*known, strict=True))
    return (seconds + ahead[np.searchsorted(edges[:-1], seconds, side="right")]) // DAY
