"""The season: when things happen in the village, by weekday, by hour, with growth and one burst."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from hedgerow.kit.money import Floats, Integers

DAY = 86_400
GROWTH = 0.8
BURST = 4.0
_WEEKDAY = np.array([1.15, 1.25, 1.2, 1.15, 0.95, 0.45, 0.5])
_HOUR = np.array([1, 1, 1, 1, 1, 2, 3, 6, 10, 12, 12, 11, 9, 10, 11, 11, 10, 8, 7, 6, 6, 5, 3, 2], dtype=np.float64)


@dataclass(frozen=True)
class Season:
    """The days a village lives through, `days` of them from `start`; times are seconds since then, UTC."""

    start: date
    days: int

    @property
    def end(self) -> int:
        """The second at which the last day is over."""
        return self.days * DAY

    @property
    def epoch(self) -> int:
        """Seconds from 1970-01-01 to the first midnight."""
        return (self.start - date(1970, 1, 1)).days * DAY

    @property
    def span(self) -> float:
        """The days as a part of the 180 for which rates are stated."""
        return self.days / 180

    @property
    def burst_on(self) -> int:
        """The day on which everybody talks about the product, counted from 0."""
        return int(self.days * 0.62)

    @cached_property
    def weight(self) -> Floats:
        """(days,) each day's share of what happens; sums to 1."""
        day = np.arange(self.days)
        weight = _WEEKDAY[(self.start.weekday() + day) % 7] * (1 + GROWTH * day / self.days)
        since = day - self.burst_on
        weight = weight * (1 + BURST * np.where(since >= 0, np.exp(-since / 1.5), 0.0))
        return np.asarray(weight / weight.sum())

    def draw(self, chance: np.random.Generator, count: int) -> Integers:
        """Return (count,) times, likelier on busy days and in waking hours."""
        day = np.searchsorted(np.cumsum(self.weight)[:-1], chance.random(count), side="right")
        hour = np.searchsorted(np.cumsum(_HOUR / _HOUR.sum())[:-1], chance.random(count), side="right")
        return np.asarray(day * DAY + hour * 3600 + chance.integers(0, 3600, count), dtype=np.int64)

    def at_work(self, at: Integers) -> Integers:
        """Return times moved to office hours (8 to 16 UTC) of the same day, or of Monday after a weekend."""
        day, second = np.divmod(at, DAY)
        weekday = (self.start.weekday() + day) % 7
        day = day + np.where(weekday >= 5, 7 - weekday, 0)
        return np.asarray(day * DAY + 8 * 3600 + second % (8 * 3600), dtype=np.int64)


def wait(chance: np.random.Generator, count: int, median: float, spread: float) -> Integers:
    """Return (count,) log-normal delays in whole seconds, at least 1, around `median` seconds."""
    return np.maximum(1, (median * np.exp(spread * chance.standard_normal(count))).astype(np.int64))
