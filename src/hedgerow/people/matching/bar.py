"""The bar: from which support on a machine may join two people, and what answers teach about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from hedgerow.kit import HedgerowError
from hedgerow.people.matching.scoring.vectors import Floats

TARGET = 0.99
"""The precision that joining by machine must have."""

CONFIDENCE = 0.95
_OFFSET, _SLOPE = 2.0, 4.0
"""How surely, in precision (1 / variance), the model's own probabilities are taken before anybody has answered."""


@dataclass(frozen=True)
class Answer:
    """What a person said of a pair on the review page: the support it had, in bits, and whether it was one person."""

    support: float
    same: bool


@dataclass(frozen=True)
class Learned:
    """What answers taught: the odds of a support of s bits are 2^(offset + slope s)."""

    offset: float = 0.0
    slope: float = 1.0
    answers: tuple[Answer, ...] = ()

    def probability(self, support: Floats) -> Floats:
        """Return the probability that pairs joined with this support are one person."""
        return 1 / (1 + np.exp2(-np.clip(self.offset + self.slope * support, -500, 500)))

    def bar(self, support: Floats, target: float = TARGET) -> float:
        """Return the lowest support from which joining has the precision `target`; infinite where none has.

        `support` holds one figure a pair that could be joined. While answers are few, what counts is the precision
        expected of those pairs, and no pair is joined that is likelier two people than one. Once there are so many
        that a clean record would prove the target, what counts is the precision measured: the lower bound, 95 %
        sure (Clopper and Pearson 1934), among the answers at or above the bar.
        """
        if not 0 < target < 1:
            raise HedgerowError(f"A precision of {target:g} can't be asked for: give one between 0 and 1.")
        if len(self.answers) >= enough(target):
            return _measured(self.answers, target)
        known = np.sort(support[~np.isnan(support)])[::-1]
        probability = self.probability(known)
        expected = np.cumsum(probability) / np.arange(1, len(known) + 1)
        last = np.append(np.diff(known) != 0, True)[: len(known)]
        kept = np.flatnonzero((self.offset + self.slope * known >= 0) & (expected >= target) & last)
        return float(known[kept[-1]]) if len(kept) else np.inf


def enough(target: float = TARGET) -> int:
    """Return how many answers prove the precision `target` when all of them are yes: 299 for 0.99."""
    return int(np.ceil(np.log(1 - CONFIDENCE) / np.log(target)))


def learned(answers: Sequence[Answer]) -> Learned:
    """Return what `answers` teach: the most likely offset and slope, near 0 and 1 while answers are few.

    It is logistic regression of the answers on support with normal priors, by Newton's method (Platt 1999,
    with a prior in place of held-out targets).
    """
    found = _fitted(answers, free=2)
    # More support is never less likely, whatever a few odd answers say.
    offset, slope = found if found[1] >= 0 else _fitted(answers, free=1)
    return Learned(float(offset), float(slope), tuple(answers))


def _fitted(answers: Sequence[Answer], free: int) -> Floats:
    """Return offset and slope; with one `free` the slope is held at 0."""
    design = np.log(2) * np.array([[1.0, answer.support] for answer in answers]).reshape(-1, 2)
    same = np.array([answer.same for answer in answers], float)
    prior, trust = np.array([0.0, 1.0]), np.array([_OFFSET, _SLOPE])
    found = prior if free == 2 else np.zeros(2)
    for _ in range(100):
        probability = 1 / (1 + np.exp(-np.clip(design @ found, -500, 500)))
        gradient = design.T @ (same - probability) - trust * (found - prior)
        curvature = (design.T * (probability * (1 - probability))) @ design + np.diag(trust)
        step = np.zeros(2)
        step[:free] = np.linalg.solve(curvature[:free, :free], gradient[:free])
        # A step of more than one doubling overshoots where the curve is flat.
        found = found + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return found


def _measured(answers: tuple[Answer, ...], target: float) -> float:
    ordered = sorted(answers, key=lambda answer: (-answer.support, answer.same))
    support = np.array([answer.support for answer in ordered])
    yes = np.cumsum([answer.same for answer in ordered])
    asked = np.arange(1, len(ordered) + 1)
    bound = np.where(yes > 0, beta.ppf(1 - CONFIDENCE, np.maximum(yes, 1), asked - yes + 1), 0.0)
    last = np.append(support[1:] != support[:-1], True)
    kept = np.flatnonzero((bound >= target) & last)
    return float(support[kept[-1]]) if len(kept) else np.inf
