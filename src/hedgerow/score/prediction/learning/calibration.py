"""Calibration: from a model's margin (log odds) to a probability, never changing the order of rows."""

from collections.abc import Callable
from typing import Literal

import msgspec
import numpy as np
from sklearn.isotonic import IsotonicRegression

from hedgerow.score.prediction.learning.quality import Floats, log_loss

Kind = Literal["none", "platt", "beta", "isotonic"]
_EDGE = 1e-6
_STEPS = 50


class Calibration(msgspec.Struct, frozen=True):
    """A map from margins to probabilities: `knots` to `values` for isotonic, else `scale` (of ln p and of -ln(1-p))
    and `shift` of the log odds."""

    kind: Kind = "none"
    scale: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def __call__(self, margin: Floats) -> Floats:
        """Return (n,) probabilities within 0 and 1 for (n,) margins, in the same order as they are."""
        if self.kind == "isotonic":
            return np.interp(margin, self.knots, self.values)
        odds = self.scale[0] * _log_sigmoid(margin) - self.scale[1] * _log_sigmoid(-margin) + self.shift
        return np.clip(np.exp(_log_sigmoid(odds)), _EDGE, 1 - _EDGE)


def calibrated(margin: Floats, came: Floats, split: float = 2 / 3) -> Calibration:
    """Return the calibration of margins in the order of time; its kind is chosen by the log loss of the later ones.

    `split` is the share of rows that each kind is fitted to for that choice; the chosen one is fitted to all.
    """
    cut = int(len(came) * split)
    earlier, later = slice(None, cut), slice(cut, None)
    lost = {
        kind: log_loss(fit(margin[earlier], came[earlier])(margin[later]), came[later]) for kind, fit in _FITS.items()
    }
    return _FITS[min(lost, key=lambda kind: lost[kind])](margin, came)


def _none(margin: Floats, came: Floats) -> Calibration:
    return Calibration()


def platt(margin: Floats, came: Floats) -> Calibration:
    """Return Platt's calibration (1999): the log odds scaled and shifted."""
    scale, shift = _logistic(margin[:, None], came)
    # A negative scale would turn the order round: then the margin says nothing, and the base rate is all there is.
    if scale[0] < 0:
        scale, shift = np.zeros(1), _logistic(margin[:, None] * 0, came)[1]
    return Calibration("platt", (float(scale[0]), float(scale[0])), shift)


def beta(margin: Floats, came: Floats) -> Calibration:
    """Return beta calibration (Kull, Silva Filho and Flach 2017): ln p and -ln(1-p) scaled apart, and shifted."""
    sides = np.column_stack([_log_sigmoid(margin), -_log_sigmoid(-margin)])
    scale, shift = _logistic(sides, came)
    for side in (0, 1):
        if scale[side] < 0:
            alone, shift = _logistic(sides[:, [1 - side]], came)
            scale = np.zeros(2)
            scale[1 - side] = alone[0]
            if alone[0] < 0:
                return platt(margin, came)
    return Calibration("beta", (float(scale[0]), float(scale[1])), shift)


def isotonic(margin: Floats, came: Floats) -> Calibration:
    """Return the best rising step function (Zadrozny and Elkan 2002), its steps joined, its ends short of certain."""
    # A tenth of the rows' evidence stays open at either end (Laplace), or one row alone would be certain.
    least = 1 / (len(came) + 2)
    steps = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(margin, came)
    return Calibration(
        "isotonic", knots=tuple(steps.X_thresholds_.tolist()), values=tuple(steps.y_thresholds_.tolist())
    )


_FITS: dict[Kind, Callable[[Floats, Floats], Calibration]] = {
    "none": _none,
    "platt": platt,
    "beta": beta,
    "isotonic": isotonic,
}


def _log_sigmoid(margin: Floats) -> Floats:
    return -np.logaddexp(0.0, -margin)


def _logistic(sides: Floats, came: Floats) -> tuple[Floats, float]:
    """Return weights and intercept of a logistic regression by Newton's method, with Platt's targets within 0 and 1."""
    there = came.sum()
    target = np.where(came == 1, (there + 1) / (there + 2), 1 / (len(came) - there + 2))
    rows = np.column_stack([sides, np.ones(len(came))])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        said = np.exp(_log_sigmoid(rows @ weights))
        slope = rows.T @ (target - said) - 1e-6 * weights
        bend = (rows * (said * (1 - said))[:, None]).T @ rows + 1e-6 * np.eye(rows.shape[1])
        step = np.linalg.solve(bend, slope)
        # A step beyond where the curve was measured leads astray.
        weights = weights + step / max(1.0, float(np.abs(step).max()) / 4)
        if np.abs(step).max() < 1e-9:
            break
    return weights[:-1], float(weights[-1])
