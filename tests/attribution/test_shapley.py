"""Shapley values: the closed form against all orders, and against all coalitions."""

from fractions import Fraction
from itertools import combinations, permutations
from math import factorial

import numpy as np
from hypothesis import given
from tests.attribution.drawing import LABELS, Trip, paths_of, trips

from hedgerow.attribution.model import choose


def worth(drawn: list[Trip], coalition: frozenset[str]) -> int:
    """Return the value of the outcomes whose journeys used no channel outside the coalition."""
    return sum(t.value or 0 for t in drawn if t.labels and set(t.labels) <= coalition)


def by_orders(drawn: list[Trip]) -> list[Fraction]:
    """Return what each channel adds when it joins, on average over all orders in which channels could join."""
    added = dict.fromkeys(LABELS, 0)
    for order in permutations(LABELS):
        for place, label in enumerate(order):
            before = frozenset(order[:place])
            added[label] += worth(drawn, before | {label}) - worth(drawn, before)
    return [Fraction(added[label], factorial(len(LABELS))) for label in LABELS]


def by_coalitions(drawn: list[Trip]) -> list[Fraction]:
    """Return Shapley's own formula (1953): contributions weighed by (s! (n - s - 1)!) / n!."""
    values, n = [], len(LABELS)
    for label in LABELS:
        others = [other for other in LABELS if other != label]
        value = Fraction(0)
        for size in range(n):
            weight = Fraction(factorial(size) * factorial(n - size - 1), factorial(n))
            for each in combinations(others, size):
                value += weight * (worth(drawn, frozenset(each) | {label}) - worth(drawn, frozenset(each)))
        values.append(value)
    return values


def closed(drawn: list[Trip]) -> list[float]:
    paths = paths_of(drawn)
    weights = choose("shapley").weights(paths, np.zeros(0))
    values: list[float] = np.bincount(paths.label, weights * paths.value[paths.journey], len(LABELS)).tolist()
    return values


@given(drawn=trips())
def test_the_closed_form_equals_the_average_over_all_orders(drawn: list[Trip]) -> None:
    assert np.allclose(closed(drawn), [float(value) for value in by_orders(drawn)], rtol=1e-12, atol=1e-6)


@given(drawn=trips())
def test_the_closed_form_equals_the_sum_over_all_coalitions(drawn: list[Trip]) -> None:
    assert np.allclose(closed(drawn), [float(value) for value in by_coalitions(drawn)], rtol=1e-12, atol=1e-6)


@given(drawn=trips())
def test_steps_of_one_channel_in_a_journey_share_equally(drawn: list[Trip]) -> None:
    paths = paths_of(drawn)
    weights = choose("shapley").weights(paths, np.zeros(0))
    for i, each in enumerate(drawn):
        own = weights[paths.bounds[i] : paths.bounds[i + 1]]
        for label, weight in zip(each.labels, own, strict=True):
            assert weight == 1 / each.labels.count(label) / len(set(each.labels))


def test_many_journeys_are_weighed_as_few_are() -> None:
    drawn = [Trip(LABELS[: 1 + i % 4] * (1 + i % 3), i) for i in range(12)]
    few, many = (paths_of(drawn * times) for times in (1, 6000))
    weights = choose("shapley").weights(many, np.zeros(0))
    assert (weights == np.tile(choose("shapley").weights(few, np.zeros(0)), 6000)).all()
