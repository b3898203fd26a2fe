"""Calibration: never out of bounds, never out of order, and closer to what came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.score.prediction.learning.calibration import Calibration, beta, calibrated, isotonic, platt
from hedgerow.score.prediction.learning.quality import judge, log_loss

MARGINS = st.lists(
    st.tuples(st.floats(-30, 30, allow_nan=False, allow_subnormal=False), st.booleans()), min_size=4, max_size=50
)
ASKED = np.concatenate([np.linspace(-60, 60, 241), [-1e6, 1e6]])
FITS = {"platt": platt, "beta": beta, "isotonic": isotonic}


@pytest.mark.parametrize("kind", FITS)
@given(rows=MARGINS)
def test_every_kind_stays_within_0_and_1_and_never_turns_an_order_round(
    kind: str, rows: list[tuple[float, bool]]
) -> None:
    made = FITS[kind](np.array([m for m, _ in rows]), np.array([c for _, c in rows], float))
    said = made(np.sort(ASKED))
    assert np.isfinite(said).all()
    assert said.min() >= 0
    assert said.max() <= 1
    assert (np.diff(said) >= -1e-12).all()


@pytest.mark.parametrize("kind", FITS)
def test_every_kind_undoes_margins_that_are_far_too_sure(kind: str) -> None:
    random = np.random.default_rng(3)
    true = random.normal(0, 1.5, 6000)
    came = (random.random(6000) < 1 / (1 + np.exp(-true))).astype(float)
    sure = 4 * true + 1
    made = FITS[kind](sure[:3000], came[:3000])
    assert judge(Calibration()(sure[3000:]), came[3000:]).ece > 0.1
    assert judge(made(sure[3000:]), came[3000:]).ece < 0.03


def test_the_kind_is_the_one_that_does_best_on_what_is_later() -> None:
    random = np.random.default_rng(4)
    margin = random.normal(0, 2, 3000)
    came = (random.random(3000) < 1 / (1 + np.exp(-margin))).astype(float)
    assert log_loss(calibrated(margin, came)(margin), came) <= log_loss(Calibration()(margin), came) + 0.002
    assert calibrated(3 * margin, came).kind != "none"


def test_a_margin_that_says_nothing_is_calibrated_to_the_base_rate() -> None:
    random = np.random.default_rng(5)
    came = (random.random(4000) < 0.2).astype(float)
    said = calibrated(random.normal(0, 1, 4000), came)(np.linspace(-2, 2, 9))
    assert said == pytest.approx(np.full(9, 0.2), abs=0.05)
