"""Drift: how far the rows of today are from those a model was trained on, and whether what it says still comes."""

import msgspec
import numpy as np
import pyarrow as pa

from hedgerow.score.prediction.learning.columns import Column, encode, shares_of
from hedgerow.score.prediction.learning.quality import Floats, Quality, judge, stability
from hedgerow.score.prediction.model import Model
from hedgerow.score.prediction.training import came_of

BAR = 0.25
"""The stability index from which the population is another (Siddiqi 2006)."""
OFF = 0.1
"""The calibration error of what has come since from which probabilities mislead."""
ENOUGH = 20
"""Outcomes that came, and that did not, from which that error can be told from chance."""


class Moved(msgspec.Struct, frozen=True):
    """A column and its stability index: 0 has not moved, above `BAR` is another population."""

    column: str
    stability: float


class Drift(msgspec.Struct, frozen=True):
    """What has moved since training: all columns together, each one, and what came of what was said."""

    at: int
    """When it was looked at, in microseconds since 1970 UTC."""
    rows: int
    whole: float
    """The mean stability index of the columns, each weighed by what it adds to what the model says."""
    columns: tuple[Moved, ...]
    """Each column, the furthest moved first."""
    since: Quality | None
    """The quality on examples newer than those the model was trained on, where any is over."""

    @property
    def sentence(self) -> str:
        """Why the model is to be trained again; "" where it still holds."""
        if self.whole >= BAR:
            most = f", most of all by {self.columns[0].column}" if self.columns else ""
            return f"those it is asked about are others than it learned from (stability {self.whole:.2f}{most})"
        if self.since and self.since.ece >= OFF and min(_either(self.since)) >= ENOUGH:
            return f"what it says is {self.since.ece:.0%} off what has come since"
        return ""


def drift(model: Model, rows: pa.Table, over: pa.Table | None = None, at: int = 0) -> Drift:
    """Return how far `rows` (columns as the model reads them) have moved, and the quality on `over`.

    `over` holds newer examples whose outcome is known. An index has what chance alone makes of so few rows taken
    off (the mean of its distribution, Yurdakul 2018), so that a small population does not seem to move.
    """
    matrix = encode(model.columns, rows, model.at)
    moved = [
        Moved(column.name, _moved(column, matrix[:, place], model.training.rows))
        for place, column in enumerate(model.columns)
    ]
    return Drift(
        at=at,
        rows=len(rows),
        whole=sum(each.stability * weight for each, weight in zip(moved, model.weights, strict=True)),
        columns=tuple(sorted(moved, key=lambda each: (-each.stability, each.column))),
        since=judge(model.predict(over), came_of(over, model.outcome)) if over is not None and len(over) else None,
    )


def _moved(column: Column, values: Floats, rows: int) -> float:
    if not len(values):
        return 0.0
    then, now = np.asarray(column.shares), shares_of(values, column.edges)
    groups = int(((then > 0) | (now > 0)).sum())
    return max(0.0, stability(then, now) - (groups - 1) * (1 / len(values) + 1 / max(rows, 1)))


def _either(quality: Quality) -> tuple[int, int]:
    return quality.outcomes, quality.rows - quality.outcomes
