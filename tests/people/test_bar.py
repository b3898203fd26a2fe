"""The bar: from which support on a machine may join, and what answers teach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kit import HedgerowError
from hedgerow.people.matching import Answer, Learned, learned
from hedgerow.people.matching.bar import enough

SUPPORT = st.floats(-6, 30)
ANSWERS = st.lists(st.builds(Answer, SUPPORT, st.booleans()), max_size=40)


def test_without_answers_the_model_is_taken_at_its_word() -> None:
    assert learned([]) == Learned(0.0, 1.0, ())
    assert learned([]).probability(np.array([0.0, 1.0, -1.0])).tolist() == pytest.approx([1 / 2, 2 / 3, 1 / 3])


@given(answers=ANSWERS)
def test_more_support_is_never_less_likely(answers: list[Answer]) -> None:
    probability = learned(answers).probability(np.linspace(-20, 40, 50))
    assert (np.diff(probability) >= 0).all()
    assert ((probability >= 0) & (probability <= 1)).all()


@given(answers=ANSWERS, order=st.randoms())
def test_the_order_of_answers_teaches_nothing(answers: list[Answer], order: object) -> None:
    other = list(answers)
    order.shuffle(other)  # type: ignore[attr-defined]
    one, two = learned(answers), learned(other)
    assert (one.offset, one.slope) == pytest.approx((two.offset, two.slope), abs=1e-6)


@given(answers=ANSWERS, support=SUPPORT)
def test_a_no_makes_no_pair_likelier_and_a_yes_none_less(answers: list[Answer], support: float) -> None:
    at = np.array([support])
    before = learned(answers).probability(at)[0]
    assert learned([*answers, Answer(support, False)]).probability(at)[0] <= before + 1e-6
    assert learned([*answers, Answer(support, True)]).probability(at)[0] >= before - 1e-6


def test_few_answers_move_little_and_many_move_to_what_they_say() -> None:
    def half(count: int) -> float:
        return float(learned([Answer(3.0, place % 2 == 0) for place in range(count)]).probability(np.array([3.0]))[0])

    assert half(0) == pytest.approx(8 / 9)
    assert 0.7 < half(2) < 8 / 9
    assert half(2000) == pytest.approx(0.5, abs=0.01)


def test_what_a_thousand_answers_say_is_found_again() -> None:
    chance = np.random.default_rng(1)
    support = chance.uniform(-5, 8, 4000)
    same = chance.random(4000) < 1 / (1 + np.exp2(2 - 0.7 * support))
    found = learned([Answer(float(s), bool(y)) for s, y in zip(support, same, strict=True)])
    assert (found.offset, found.slope) == pytest.approx((-2, 0.7), abs=0.2)


@given(support=st.lists(SUPPORT, max_size=60), target=st.floats(0.5, 0.999))
def test_what_is_joined_has_the_expected_precision(support: list[float], target: float) -> None:
    figures = np.array([*support, np.nan])
    bar = learned([]).bar(figures, target)
    joined = figures[figures >= bar]
    assert bar == np.inf or learned([]).probability(joined).mean() >= target - 1e-12
    assert (joined >= 0).all()
    better = figures[(figures >= 0) & (figures < bar)]
    assert not len(better) or learned([]).probability(figures[figures >= better.max()]).mean() < target + 1e-12


def test_a_clean_record_proves_its_precision_and_a_spotted_one_does_not() -> None:
    clean = [Answer(5.0, True)] * enough()
    assert enough() == 299
    assert learned(clean).bar(np.array([])) == 5.0
    assert learned([*clean, Answer(5.0, False)]).bar(np.array([])) == np.inf


def test_the_bar_stands_where_the_answers_turn() -> None:
    answers = [Answer(6.0, True)] * 400 + [Answer(2.0, place % 2 == 0) for place in range(100)]
    assert learned(answers).bar(np.array([1.0, 2.0, 3.0, 7.0])) == 6.0


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, 2.0])
def test_a_precision_that_cannot_be_is_refused(target: float) -> None:
    with pytest.raises(HedgerowError, match="between 0 and 1"):
        learned([]).bar(np.array([]), target)
