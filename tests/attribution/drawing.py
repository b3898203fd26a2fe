"""Drawn journeys: small paths written out by hand, or drawn by Hypothesis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from hedgerow.journeys.paths import Paths

LABELS = ("Podcast", "Search", "Direct", "Email")
CURRENCIES = ("EUR", "USD")
DAY = 86_400_000_000
END = 1_700_000_000_000_000


@dataclass(frozen=True)
class Trip:
    """One journey: its labels, its value in minor units (None: no outcome), and each step's age in days."""

    labels: tuple[str, ...]
    value: int | None = None
    currency: str | None = "EUR"
    ages: tuple[float, ...] = ()


def trip(path: str, value: int | None = None, ages: Sequence[float] = ()) -> Trip:
    """Return the journey written as "Podcast > Email"."""
    return Trip(tuple(path.split(" > ")) if path else (), value, "EUR", tuple(ages))


def paths_of(trips: Sequence[Trip], labels: tuple[str, ...] = LABELS) -> Paths:
    """Return one block of paths; steps without an age lie a day apart, the last one a day before the end."""
    ages = [age for each in trips for age in each.ages or range(len(each.labels), 0, -1)]
    steps = [labels.index(label) for each in trips for label in each.labels]
    sizes = [len(each.labels) for each in trips]
    return Paths(
        labels=labels,
        label=np.array(steps, np.int16),
        at=END - np.round(np.array(ages, np.float64) * DAY).astype(np.int64),
        row=np.arange(len(steps)),
        bounds=np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))]).astype(np.int64),
        unit=np.arange(len(trips)),
        outcome=np.array([i if each.value is not None else -1 for i, each in enumerate(trips)], np.int64),
        ended_at=np.full(len(trips), END),
        value=np.array([each.value or 0 for each in trips], np.int64),
        currency=np.array(
            [CURRENCIES.index(each.currency) if each.currency and each.value is not None else -1 for each in trips],
            np.int16,
        ),
        currencies=CURRENCIES,
    )


def _trip(draw: st.DrawFn, labels: tuple[str, ...], most: int) -> Trip:
    value = draw(st.one_of(st.none(), st.integers(-(10**7), 10**9)))
    # No journey has neither a step nor an outcome.
    steps = draw(st.lists(st.sampled_from(labels), min_size=int(value is None), max_size=most))
    ages = sorted((draw(st.floats(0, 4000)) for _ in steps), reverse=True)
    currency = None if value == 0 else draw(st.sampled_from(CURRENCIES))
    return Trip(tuple(steps), value, currency, tuple(ages))


@st.composite
def trips(draw: st.DrawFn, labels: tuple[str, ...] = LABELS, most: int = 7) -> list[Trip]:
    """Draw journeys over `labels` of at most `most` steps, with and without outcomes, refunds among them."""
    return [_trip(draw, labels, most) for _ in range(draw(st.integers(1, 8)))]
