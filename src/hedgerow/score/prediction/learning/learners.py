"""Learners: gradient-boosted trees, and logistic regression beside them, each at several strengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from hedgerow.score.prediction.learning.columns import Column
from hedgerow.score.prediction.learning.quality import Floats

_PARAMETERS: dict[str, Any] = {
    # Small trees, many of them, each of a part of rows and columns: leads are few and noisy.
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 7, "min_data_in_leaf": 20, "lambda_l2": 5.0,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "cat_smooth": 10.0,
    # One thread and one order of adding up: the same examples make the same model on every machine.
    "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Examples:
    """Rows in order of time: (n, k) `matrix` as `encode` makes it, (n,) `came` (1 or 0) and `at` (any unit)."""

    columns: tuple[Column, ...]
    matrix: Floats
    came: Floats
    at: Floats

    def __len__(self) -> int:
        return len(self.came)

    def part(self, rows: slice | NDArray[np.bool_]) -> "Examples":
        """Return some of the rows."""
        return Examples(self.columns, self.matrix[rows], self.came[rows], self.at[rows])


class Learner(Protocol):
    """What learns from examples: at each of its `strengths`, from the most restrained on."""

    name: str
    strengths: tuple[float, ...]

    def margins(self, examples: Examples, weight: Floats, later: Examples) -> Floats:
        """Return (s, m) the margins (log odds) of m later rows, a line a strength."""


class Boosted:
    """LightGBM; a strength is a number of trees."""

    name = "boosted"
    strengths: tuple[float, ...] = (20, 40, 70, 100, 150, 200, 250, 300)

    def margins(self, examples: Examples, weight: Floats, later: Examples) -> Floats:
        """Return (s, m) the margins of later rows; the trees are grown once, and cut at each strength."""
        booster = self.grown(examples, weight, self.strengths[-1])
        told = (applied(booster, later.matrix, raw_score=True, num_iteration=int(n)) for n in self.strengths)
        return np.stack(list(told))

    def grown(self, examples: Examples, weight: Floats, strength: float) -> lightgbm.Booster:
        """Return so many trees."""
        categories = [place for place, column in enumerate(examples.columns) if column.kind == "category"]
        names = [f"column_{place}" for place in range(len(examples.columns))]
        data = lightgbm.Dataset(
            examples.matrix, examples.came, weight=weight, feature_name=names, categorical_feature=categories,
            params=_PARAMETERS,
        )  # fmt: skip
        return lightgbm.train(_PARAMETERS, data, int(strength))


def applied(booster: lightgbm.Booster, matrix: Floats, **how: Any) -> Floats:
    """Return what the trees say of each row of a matrix, in one thread: more would spin while others work."""
    said: Floats = booster.predict(matrix, num_threads=1, **how)
    return said


class Linear:
    """Logistic regression of standardised numbers and of a column a category; a strength is the inverse penalty."""

    name = "logistic"
    strengths: tuple[float, ...] = (0.003, 0.03, 0.3, 3.0)

    def margins(self, examples: Examples, weight: Floats, later: Examples) -> Floats:
        """Return (s, m) the margins of later rows, scaled by what the earlier ones are like."""
        rows = _spread(examples.columns, examples.matrix)
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        deviation[deviation == 0] = 1
        told = (_spread(examples.columns, later.matrix) - mean) / deviation
        with threadpool_limits(1):  # threads add up in an order of their own, and fight over so little
            fits = [
                LogisticRegression(C=c, max_iter=1000).fit((rows - mean) / deviation, examples.came, weight)
                for c in self.strengths
            ]
            return np.stack([fit.decision_function(told) for fit in fits])


def _spread(columns: Sequence[Column], matrix: Floats) -> Floats:
    """Return numbers on a scale that tames long tails, an indicator for what is not stated, and one a category."""
    made = []
    for place, column in enumerate(columns):
        values = matrix[:, place]
        if column.kind == "category":
            made += [values == code for code in range(len(column.categories))]
        else:
            made.append(np.nan_to_num(np.sign(values) * np.log1p(np.abs(values))))
        made.append(np.isnan(values))
    return np.column_stack(made).astype(np.float64) if made else np.zeros((len(matrix), 0))
