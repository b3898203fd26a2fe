"""The model: trees and their calibration with all they need to be applied, explained, judged and kept in one file."""

import math
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import lightgbm
import msgspec
import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError
from hedgerow.kit.index import sync_folder
from hedgerow.score.prediction.leakage import Suspect
from hedgerow.score.prediction.learning.calibration import Calibration
from hedgerow.score.prediction.learning.columns import OTHER, Column, Left, encode
from hedgerow.score.prediction.learning.learners import applied
from hedgerow.score.prediction.learning.quality import Floats, Quality

FORMAT = 1
"""Higher by one whenever an older program would read a model file wrongly."""


class Tried(msgspec.Struct, frozen=True):
    """A learner as it was tried: the choices made on the older rows, and its quality on the newer ones."""

    name: str
    strength: float
    half: float
    """After which share of the span an example counts half; 0: all count the same."""
    calibration: str
    quality: Quality


class Training(msgspec.Struct, frozen=True):
    """What a model was trained on: rows, outcomes, from when to when (in the unit of `at`), and their digest.

    `split` is where the newer rows begin that the quality is from; the trees themselves know all rows.
    """

    rows: int
    outcomes: int
    since: float
    until: float
    split: float
    digest: str
    in_time: bool
    """Whether `at` is in microseconds since 1970 UTC, rather than a number of the table's own."""


class Reason(msgspec.Struct, frozen=True):
    """A reason for (`points` above 0) or against: what a column's value adds to the log odds, and a sentence."""

    column: str
    value: str
    points: float
    says: str


class Model(msgspec.Struct, frozen=True):
    """A trained model; `train` makes one and `load` reads one."""

    format: int
    outcome: str
    at: str
    columns: tuple[Column, ...]
    left: tuple[Left, ...]
    suspects: tuple[Suspect, ...]
    trees: str
    calibration: Calibration
    tried: tuple[Tried, ...]
    """The trees first, then what they are shown beside."""
    training: Training
    weights: tuple[float, ...]
    """What each column adds to the log odds, either way, as a share of what all add; of the newest rows."""
    made_at: int = 0
    """When it was kept, in microseconds since 1970 UTC."""
    horizon_days: int = 0
    """Within how many days the outcome was to come; 0 where the table did not say."""

    @property
    def quality(self) -> Quality:
        """The quality of the trees, on rows newer than those they were learned from."""
        return self.tried[0].quality

    def predict(self, rows: pa.Table) -> Floats:
        """Return (n,) the probability of the outcome for each row, within 0 and 1.

        Raises `HedgerowError` where the rows lack a column that the model learned from.
        """
        return self.calibration(applied(self._booster(), self._matrix(rows), raw_score=True))

    def contributions(self, rows: pa.Table) -> Floats:
        """Return (n, k + 1) what each column adds to the log odds before calibration, then what all rows begin with.

        These are Shapley values of the trees (TreeSHAP, Lundberg et al. 2020): a line's sum is the row's margin.
        """
        return applied(self._booster(), self._matrix(rows), pred_contrib=True)

    def reasons(self, rows: pa.Table, most: int = 5) -> list[list[Reason]]:
        """Return for each row the `most` weighty reasons for and against, the weightiest first."""
        matrix, points = self._matrix(rows), self.contributions(rows)[:, :-1]
        order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :most]
        return [
            [self._reason(place, matrix[row, place], points[row, place]) for place in order[row] if points[row, place]]
            for row in range(len(matrix))
        ]

    def _reason(self, place: int, value: float, points: float) -> Reason:
        column = self.columns[place]
        said = _said(column, value)
        effect = f"{'multiplies' if points > 0 else 'divides'} the odds by {math.exp(abs(points)):.2f}"
        return Reason(column.name, said, float(points), f"{column.name.replace('_', ' ')} is {said}: it {effect}.")

    def _matrix(self, rows: pa.Table) -> Floats:
        return encode(self.columns, rows, self.at)

    def _booster(self) -> lightgbm.Booster:
        return _grown(self.trees)


@lru_cache(8)
def _grown(trees: str) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=trees)


def _said(column: Column, value: float) -> str:
    if math.isnan(value):
        return "not stated"
    if column.kind == "category":
        word = column.categories[int(value)]
        return "a rare value" if word == OTHER else f"“{word}”"
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"
    return f"{number} days before" if column.kind == "age" else number


def store(model: Model, file: Path) -> None:
    """Write a model to `file` durably: whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".tmp")
    with written.open("wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(model), indent=1))
        out.flush()
        os.fsync(out.fileno())
    written.replace(file)
    sync_folder(file.parent)


def load(file: Path) -> Model:
    """Return the model in `file`; raises `HedgerowError` where a newer program wrote it, or it is none."""
    again = "train again with `hedgerow predict train`"
    try:
        raw: Any = msgspec.json.decode(file.read_bytes())
        if isinstance(raw, dict) and isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
            raise HedgerowError(
                f"{file.name} was written by a newer Hedgerow (format {raw['format']}): upgrade the program, or "
                f"{again}."
            )
        return msgspec.convert(raw, Model)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HedgerowError(f"{file.name} can't be read as a model ({error}): {again}.") from None
