"""Choosing: what each learner does best with, told by rolling over the past: learn before, judge on what came next."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hedgerow.kit import HedgerowError
from hedgerow.score.prediction.learning.calibration import Calibration, calibrated
from hedgerow.score.prediction.learning.learners import Examples, Learner
from hedgerow.score.prediction.learning.quality import Floats, log_loss

HALVES: tuple[float, ...] = (0.0, 0.5, 0.15)
"""After which share of the learned span an example counts half; 0: all count the same."""
ORIGINS: tuple[float, ...] = (0.4, 0.6, 0.8)
"""The shares of the rows behind which a learner is judged on what comes up to the next."""


@dataclass(frozen=True)
class Choice:
    """How to learn: the strength, the half-life (a share of the span, 0 for none), and the calibration behind it."""

    strength: float
    half: float
    calibration: Calibration


def choose(learner: Learner, examples: Examples, gap: float = 0.0, like: Choice | None = None) -> Choice:
    """Return what does best, by log loss, on examples later than those it was learned from.

    From each origin on, the learner knows only examples older by at least `gap` than the first it is judged on, so
    that no outcome that was still open then teaches it. With `like`, the choices stand and only the calibration is
    fitted anew. Raises `HedgerowError` where no origin leaves anything to learn from.
    """
    folds = list(_folds(examples, gap))
    if not folds:
        raise HedgerowError("The rows lie too close in time to learn from earlier ones: bring in an older history.")
    halves = HALVES if like is None else (like.half,)
    rolled = [_rolled(learner, folds, half) for half in halves]
    came = np.concatenate([later.came for _, later in folds])
    lost = np.array([[log_loss(Calibration()(margin), came) for margin in margins] for margins in rolled])
    if like is None:
        best, place = (int(each) for each in np.unravel_index(lost.argmin(), lost.shape))
    else:
        best, place = 0, learner.strengths.index(like.strength)
    return Choice(learner.strengths[place], halves[best], calibrated(rolled[best][place], came))


def weights(at: Floats, half: float) -> Floats:
    """Return (n,) how much each example counts: half as much for each half-life that it is older than the newest."""
    span = float(at.max() - at.min())
    return np.ones(len(at)) if not half or not span else 0.5 ** ((at.max() - at) / (half * span))


def before(at: Floats, share: float) -> float:
    """Return the time that `share` of the rows, in order of time, lie before; rows of one time stay together."""
    return float(at[min(int(len(at) * share), len(at) - 1)])


def _rolled(learner: Learner, folds: list[tuple[Examples, Examples]], half: float) -> Floats:
    """Return (s, m) the margins of all rows behind the first origin, each by what was known before its own."""
    parts = [learner.margins(known, weights(known.at, half), later) for known, later in folds]
    return np.concatenate(parts, axis=1)


def _folds(examples: Examples, gap: float) -> Iterator[tuple[Examples, Examples]]:
    begins = sorted({before(examples.at, share) for share in ORIGINS})
    for begin, end in zip(begins, [*begins[1:], np.inf], strict=True):
        known = examples.part(examples.at < begin - gap if gap else examples.at < begin)
        if 0 < known.came.sum() < len(known):
            yield known, examples.part((examples.at >= begin) & (examples.at < end))
