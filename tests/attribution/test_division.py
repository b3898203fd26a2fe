"""Division: every cent of every outcome is a step's or unattributed, and totals lose none of them."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from tests.attribution.drawing import CURRENCIES, LABELS, Trip, paths_of, trip, trips

from hedgerow.attribution.division import divide, totals
from hedgerow.attribution.model import choose


def test_steps_without_an_outcome_earn_nothing() -> None:
    paths = paths_of([trip("Podcast > Email"), trip("Email", 7)])
    shares = divide(paths, np.array([0.5, 0.5, 1.0]))
    assert shares.value.tolist() == [0, 0, 7]
    assert shares.millionths.tolist() == [0, 0, 1_000_000]


def test_an_outcome_that_nothing_led_to_stays_unattributed() -> None:
    shares = divide(paths_of([trip("", -7), trip("Email", 5)]), np.array([1.0]))
    assert shares.unattributed_value.tolist() == [-7, 0]
    assert shares.unattributed_millionths.tolist() == [1_000_000, 0]


def test_an_outcome_without_a_value_is_counted_all_the_same() -> None:
    paths = paths_of([Trip(("Podcast", "Email"), 0, None)])
    sums = totals(paths, divide(paths, np.array([0.5, 0.5])))
    assert sums.millionths[:, -1].tolist() == [500_000, 0, 0, 500_000, 0]
    assert not sums.value.any()


def test_a_share_of_no_millionth_keeps_its_cents() -> None:
    paths = paths_of([trip("Podcast > Email", 10**12)])
    sums = totals(paths, divide(paths, np.array([1e-9, 1 - 1e-9])))
    assert sums.value[:, 0].tolist() == [1000, 0, 0, 10**12 - 1000, 0]


def test_sums_past_what_a_float_holds_are_exact() -> None:
    paths = paths_of([trip("Podcast", 10**15 - 1)] * 2000)
    sums = totals(paths, divide(paths, np.ones(2000)))
    assert sums.value[0, 0] == 2000 * (10**15 - 1)


@given(drawn=trips())
def test_totals_are_the_sums_of_what_steps_earned(drawn: list[Trip]) -> None:
    paths = paths_of(drawn)
    shares = divide(paths, choose("linear").weights(paths, np.zeros(0)))
    sums = totals(paths, shares)
    for row, label in enumerate([*LABELS, ""]):
        for column, currency in enumerate([*CURRENCIES, None]):
            expected = [
                (v, m)
                for v, m, code, j in zip(shares.value, shares.millionths, paths.label, paths.journey, strict=True)
                if LABELS[code] == label and drawn[j].currency == currency and drawn[j].value is not None
            ] + [
                (v, m)
                for v, m, each in zip(shares.unattributed_value, shares.unattributed_millionths, drawn, strict=True)
                if not label and each.value is not None and each.currency == currency
            ]
            assert sums.value[row, column] == sum(v for v, _ in expected)
            assert sums.millionths[row, column] == sum(m for _, m in expected)


@given(drawn=trips())
def test_no_step_is_further_than_a_cent_from_its_exact_share(drawn: list[Trip]) -> None:
    paths = paths_of(drawn)
    weights = choose("linear").weights(paths, np.zeros(0))
    shares = divide(paths, weights)
    for earned, journey in zip(shares.value, paths.journey, strict=True):
        fair = Fraction(drawn[journey].value or 0, len(drawn[journey].labels))
        assert abs(int(earned) - fair) < 1
