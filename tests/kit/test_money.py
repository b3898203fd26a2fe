"""Money: written as people write it, and divided so that nothing is made or lost."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hedgerow.kit import HedgerowError, money

groups = st.lists(
    st.tuples(st.integers(-money.MOST, money.MOST), st.lists(st.integers(0, 9), min_size=1, max_size=9)),
    min_size=1,
    max_size=9,
)


def shared(weights: list[int]) -> NDArray[np.float64]:
    raw = np.array(weights, np.float64)
    return raw / raw.sum() if raw.any() else np.full(len(raw), 1 / len(raw))


def one_by_one(total: int, weights: NDArray[np.float64]) -> list[int]:
    """Return the division of one total as the definition says it, a place at a time."""
    exact = weights * float(abs(total))
    shares = [int(np.floor(share)) for share in exact]
    each, extra = divmod(abs(total) - sum(shares), len(shares))
    largest = sorted(range(len(shares)), key=lambda i: (-round(float(exact[i] - np.floor(exact[i])), 9), i))
    won = set(largest[:extra])
    return [(share + each + (i in won)) * (1 if total >= 0 else -1) for i, share in enumerate(shares)]


def divided(drawn: list[tuple[int, list[int]]]) -> list[list[int]]:
    weights = [shared(each) for _, each in drawn]
    bounds = np.cumsum([0, *(len(each) for each in weights)])
    totals = np.array([total for total, _ in drawn], np.int64)
    shares = money.divide_groups(totals, np.concatenate(weights), bounds)
    return [part.tolist() for part in np.split(shares, bounds[1:-1])]


@given(drawn=groups)
def test_each_group_sums_to_its_total(drawn: list[tuple[int, list[int]]]) -> None:
    assert [sum(part) for part in divided(drawn)] == [total for total, _ in drawn]


@given(drawn=groups)
def test_groups_are_divided_as_each_would_be_alone(drawn: list[tuple[int, list[int]]]) -> None:
    assert divided(drawn) == [one_by_one(total, shared(weights)) for total, weights in drawn]


def test_many_groups_are_divided_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    sizes = random.integers(1, 9, 3000)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    raw = random.random(bounds[-1])
    weights = raw / np.repeat(np.add.reduceat(raw, bounds[:-1]), sizes)
    totals = random.integers(-1000, 1000, 3000)
    whole = money.divide_groups(totals, weights, bounds)
    monkeypatch.setattr(money, "_AT_ONCE", 3)
    assert (money.divide_groups(totals, weights, bounds) == whole).all()
    expected = [one_by_one(int(t), weights[a:b]) for t, a, b in zip(totals, bounds, bounds[1:], strict=False)]
    assert whole.tolist() == [share for part in expected for share in part]


def test_cents_that_do_not_divide_go_to_the_largest_remainders_then_to_the_left() -> None:
    assert money.divide(100, [1 / 3, 1 / 3, 1 / 3]) == [34, 33, 33]
    assert money.divide(10, [0.26, 0.26, 0.48]) == [3, 2, 5]
    assert money.divide(10, [0.14, 0.28, 0.58]) == [1, 3, 6]


def test_a_negative_total_is_divided_as_its_absolute_value() -> None:
    assert money.divide(-100, [1 / 3, 1 / 3, 1 / 3]) == [-34, -33, -33]


def test_one_weight_takes_the_whole() -> None:
    assert money.divide(-money.MOST, [1.0]) == [-money.MOST]


def test_no_groups_are_no_shares() -> None:
    empty: NDArray[Any] = np.zeros(0)
    assert len(money.divide_groups(empty.astype(np.int64), empty, np.zeros(1, np.int64))) == 0


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (1142350, "EUR", "11,423.50 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (1142350, "JPY", "1,142,350 JPY"),
        (1142350, "KWD", "1,142.350 KWD"),
        (0, "EUR", "0.00 EUR"),
    ],
)
def test_an_amount_is_written_as_a_person_would(minor: int, currency: str, said: str) -> None:
    assert money.in_words(minor, currency) == said


def test_a_group_of_a_million_places_is_divided_beside_small_ones() -> None:
    sizes = np.array([2, 1_000_000, 3] * 2)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    shares = money.divide_groups(np.array([3, 1_500_001, 4] * 2), np.repeat(1 / sizes, sizes), bounds)
    assert np.add.reduceat(shares, bounds[:-1]).tolist() == [3, 1_500_001, 4] * 2
    assert shares[2 : 2 + 500_002].tolist() == [2] * 500_001 + [1]


@given(st.integers(0, money.MOST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_that_is_written_is_read_again(minor: int, currency: str) -> None:
    written = money.major(minor, currency)
    assert money.read(written, currency) == money.read(f" {written.replace(',', '')} ", currency) == minor


@pytest.mark.parametrize(
    "text", ["1,5", "1.234", "12,50.00", "-1", "1e3", "nan", "١٢", "1 000", ".5", "0x10", "9" * 19, "9" * 16]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(HedgerowError, match=r"is no amount of EUR: write it as 11,423\.50|beyond what a ledger row"):
        money.read(text, "EUR")
    assert money.read(" ", "EUR") is None
