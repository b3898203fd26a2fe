"""Quality: against scikit-learn's figures, and whatever order the rows are in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as peer_log_loss

from hedgerow.score.prediction.learning.quality import area, judge, stability

ROWS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=2, max_size=60)


@given(ROWS)
def test_the_figures_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    said, came = np.array([p for p, _ in rows]), np.array([c for _, c in rows], float)
    found = judge(said, came)
    assert found.brier == pytest.approx(brier_score_loss(came, said, pos_label=1))
    assert found.log_loss == pytest.approx(
        peer_log_loss(came, np.clip(said, 1e-12, 1 - 1e-12), labels=[0, 1]), rel=1e-6, abs=1e-9
    )
    if 0 < came.sum() < len(came):
        assert found.auc == pytest.approx(roc_auc_score(came, said))


@given(ROWS, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[tuple[float, bool]], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (
        judge(np.array([p for p, _ in each]), np.array([c for _, c in each], float)) for each in (rows, mixed)
    )
    assert one.ece == pytest.approx(other.ece)
    assert [each.came for each in one.tenths] == pytest.approx([each.came for each in other.tenths])


@given(ROWS)
def test_tenths_hold_every_row_once_and_their_outcomes_sum_to_all(rows: list[tuple[float, bool]]) -> None:
    came = np.array([c for _, c in rows], float)
    found = judge(np.array([p for p, _ in rows]), came)
    assert sum(each.rows for each in found.tenths) == len(rows)
    assert sum(each.rows * each.came for each in found.tenths) == pytest.approx(came.sum())
    said = [each.said for each in found.tenths]
    assert said == sorted(said, reverse=True)


def test_a_probability_that_is_off_by_a_fifth_everywhere_has_that_calibration_error() -> None:
    came = np.tile([1.0, 0.0], 500)
    assert judge(np.full(1000, 0.7), came).ece == pytest.approx(0.2)


def test_one_class_alone_has_nothing_to_order() -> None:
    assert area(np.array([0.1, 0.9]), np.ones(2)) == 0.5


SHARES = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda each: np.array(each) / sum(each))


@given(SHARES, SHARES)
def test_stability_is_nothing_for_the_same_and_above_it_for_others(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> None:
    assert stability(one, one) == 0
    assert stability(one, other) == pytest.approx(stability(other, one))
    assert stability(one, other) >= 0
    if np.abs(one - other).max() > 0.05:
        assert stability(one, other) > 0.001


def test_an_empty_group_does_not_weigh_without_end() -> None:
    assert 1 < stability(np.array([0.5, 0.5]), np.array([1.0, 0.0])) < 5
