"""Quality: how well probabilities order what came and say how often it came; and how far a column has drifted."""

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PARTS = 10
"""Groups of equal size that calibration and lift are read from, the likeliest first."""
_LEAST = 1e-4


class Tenth(msgspec.Struct, frozen=True):
    """A tenth of the rows by their probability: how many, the mean said, and the share whose outcome came."""

    rows: int
    said: float
    came: float
    lift: float
    """`came` beside the share of all rows."""


class Quality(msgspec.Struct, frozen=True):
    """What probabilities are worth on rows later than those they were learned from.

    `ece` is the expected calibration error (Naeini, Cooper and Hauskrecht 2015) over tenths of equal size.
    """

    rows: int
    outcomes: int
    auc: float
    log_loss: float
    brier: float
    ece: float
    tenths: tuple[Tenth, ...]


def judge(probability: Floats, came: Floats) -> Quality:
    """Return the quality of (n,) probabilities where (n,) `came` is 1 or 0; the order of rows changes nothing.

    With one class alone there is nothing to order: the area under the curve is then one half.
    """
    tenths = _tenths(probability, came)
    return Quality(
        rows=len(came),
        outcomes=int(came.sum()),
        auc=area(probability, came),
        log_loss=log_loss(probability, came),
        brier=float(np.mean((probability - came) ** 2)) if len(came) else 0.0,
        ece=sum(each.rows * abs(each.said - each.came) for each in tenths) / max(len(came), 1),
        tenths=tenths,
    )


def area(score: Floats, came: Floats) -> float:
    """Return the area under the ROC curve: how often a row that came stands above one that did not (ties: half)."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    there = came.sum()
    pairs = there * (len(came) - there)
    return float((rank[came == 1].sum() - there * (there + 1) / 2) / pairs) if pairs else 0.5


def log_loss(probability: Floats, came: Floats) -> float:
    """Return the mean negative log likelihood, in nats."""
    kept = np.clip(probability, 1e-12, 1 - 1e-12)
    return float(-np.mean(came * np.log(kept) + (1 - came) * np.log1p(-kept))) if len(came) else 0.0


def _tenths(probability: Floats, came: Floats) -> tuple[Tenth, ...]:
    # Rows of one probability share what came of them, so that their order can't move an outcome between tenths.
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    shared = (np.bincount(place, came) / count)[place]
    base = max(float(came.mean()), 1e-12) if len(came) else 1.0
    parts = np.array_split(np.argsort(-probability, kind="stable"), PARTS)
    return tuple(
        Tenth(len(part), float(probability[part].mean()), float(shared[part].mean()), float(shared[part].mean() / base))
        for part in parts
        if len(part)
    )


def stability(then: Floats, now: Floats) -> float:
    """Return the population stability index of two distributions over the same groups (shares, each summing to 1).

    Siddiqi 2006: below 0.1 nothing has changed, above 0.25 the population is another. A share of 0 counts as one in
    ten thousand, so that an empty group does not weigh without end.
    """
    then, now = np.maximum(then, _LEAST), np.maximum(now, _LEAST)
    return float(np.sum((now - then) * np.log(now / then)))
