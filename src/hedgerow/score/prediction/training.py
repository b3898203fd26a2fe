"""Training: from a table of examples to a model that was judged on rows newer than those it learned from."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError, nearest
from hedgerow.score.prediction.leakage import suspects
from hedgerow.score.prediction.learning.choosing import ORIGINS, Choice, before, choose, weights
from hedgerow.score.prediction.learning.columns import (
    Left,
    encode,
    is_text,
    is_time,
    learn,
    microseconds_of,
    plain,
)
from hedgerow.score.prediction.learning.learners import Boosted, Examples, Learner, Linear, applied
from hedgerow.score.prediction.learning.quality import Floats, judge
from hedgerow.score.prediction.model import FORMAT, Model, Training, Tried

NEWER = 0.2
"""The share of rows, the newest, that the quality is from."""
LEAST = 100
"""Rows with the outcome, and rows without it, that a model takes to be learned."""
LEAST_APART = 20
"""Of either, the fewest among the newer rows, and among the oldest third that the choices are rolled from."""
_YES = ("yes", "true", "1", "1.0", "won", "converted", "y", "t")
_NO = ("no", "false", "0", "0.0", "lost", "not converted", "n", "f")


@dataclass(frozen=True)
class _Rows:
    """A table's rows whose outcome is known, in order of time, with both as numbers."""

    table: pa.Table
    came: Floats
    at: Floats


def train(
    examples: pa.Table,
    outcome: str,
    at: str,
    *,
    leave_out: Collection[str] = (),
    trust: Collection[str] = (),
    gap: float = 0.0,
    as_of: bool = False,
) -> Model:
    """Return a model of how likely `outcome` is, from a table with a row an example and its time in the column `at`.

    Columns of `leave_out` are not learned from, nor are those the leakage check suspects, unless in `trust`. Rows
    count as known only `gap` after their time (in microseconds where `at` is a time, else in its own unit). With
    `as_of` the columns hold what was known at the row's time, so that no name makes one suspect. Rows whose outcome
    is null are still open, and not learned from. Raises `HedgerowError` where there is too little history.
    """
    refuse_names(examples, (outcome, at, *leave_out, *trust))
    rows = _ordered(examples, outcome, at)
    split = before(rows.at, 1 - NEWER)
    refuse_too_little(rows.came, rows.at, split, gap)
    found = suspects(rows.table.drop_columns([outcome]), rows.came, at, as_of=as_of)
    out = {outcome, at, *leave_out, *({each.column for each in found} - set(trust))}
    names = [name for name in examples.column_names if name not in out]
    older = rows.at < split - gap if gap else rows.at < split
    tried, choice = _tried(rows, names, at, older, rows.at >= split, gap)
    columns, left = learn(rows.table, names, at)
    whole = Examples(columns, encode(columns, rows.table, at), rows.came, rows.at)
    final = choose(Boosted(), whole, gap, like=choice)
    trees = Boosted().grown(whole, weights(whole.at, final.half), final.strength)
    added = np.abs(applied(trees, whole.matrix[whole.at >= split], pred_contrib=True)[:, :-1]).mean(axis=0)
    shares = tuple((added / max(float(added.sum()), 1e-12)).tolist())
    training = _trained(whole, split, is_time(examples[at].type))
    return Model(
        FORMAT, outcome, at, columns, _all_left(left, leave_out), found, trees.model_to_string(), final.calibration,
        tried, training, shares,
    )  # fmt: skip


def refuse_names(table: pa.Table, asked: Iterable[str]) -> None:
    """Raise `HedgerowError` where the table lacks a column that is asked for, or has two of one name."""
    for name in asked:
        if name not in table.column_names:
            raise HedgerowError(f"The table has no column '{name}'.{nearest(name, table.column_names)}")
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        raise HedgerowError(f"The table has two columns '{twice[0]}': rename one of them.")


def came_of(table: pa.Table, outcome: str) -> Floats:
    """Return (n,) 1 where the outcome came, 0 where it did not, NaN where it is open.

    Raises `HedgerowError` where the column says other than yes or no in one of the usual words.
    """
    values = table[outcome]
    words = plain(values if is_text(values.type) else values.cast(pa.string()))
    strange = pc.filter(words, pc.invert(pc.is_in(words, pa.array([*_YES, *_NO])))).drop_null()
    if len(strange):
        raise HedgerowError(
            f"The outcome '{outcome}' says '{strange[0]}' in a row: use a column of yes and no, 1 and 0, or "
            f"true and false."
        )
    came = pc.is_in(words, pa.array(_YES)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(words.is_null().to_numpy(zero_copy_only=False), np.nan, came)


def times_of(table: pa.Table, at: str) -> Floats:
    """Return (n,) the time of each row as a number: microseconds since 1970 UTC, or the column's own numbers.

    Raises `HedgerowError` where the column is neither of times nor of numbers, or a row has none.
    """
    kind = table[at].type
    if not (is_time(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise HedgerowError(f"'{at}' is no column of times or ascending numbers: name one that tells old from new.")
    if table[at].null_count:
        raise HedgerowError(f"'{at}' is empty in {table[at].null_count:,} rows: give every row its time.")
    return microseconds_of(table, at) if is_time(kind) else table[at].cast(pa.float64()).to_numpy()


def refuse_too_little(came: Floats, at: Floats, split: float, gap: float) -> None:
    """Raise `HedgerowError` where there are too few rows of either kind, or too few of them old or new enough."""
    there, without = int(came.sum()), int(len(came) - came.sum())
    if min(there, without) < LEAST:
        raise HedgerowError(
            f"There is too little history to predict from: {there:,} rows with the outcome and {without:,} without, "
            f"where {LEAST} of each are needed; wait for more, or bring in an older history."
        )
    oldest = before(at, ORIGINS[0] * (1 - NEWER))
    first = at < oldest - gap if gap else at < oldest
    for part, place in ((first, "oldest third"), (at >= split, "newest fifth")):
        fewer = int(min(came[part].sum(), part.sum() - came[part].sum()))
        if fewer < LEAST_APART:
            raise HedgerowError(
                f"There is too little history to predict from: of the {place} of the rows, only {fewer} have the "
                f"rarer outcome, where {LEAST_APART} are needed; wait for more, or bring in an older history."
            )


def _ordered(table: pa.Table, outcome: str, at: str) -> _Rows:
    came = came_of(table, outcome)
    known = np.flatnonzero(~np.isnan(came))
    if not len(known):
        raise HedgerowError(
            f"There is too little history to predict from: no row says its outcome in '{outcome}'; wait for the first."
        )
    times = times_of(table, at)
    order = known[np.argsort(times[known], kind="stable")]
    return _Rows(table.take(pa.array(order)), came[order], times[order])


def _tried(
    rows: _Rows, names: list[str], at: str, older: np.ndarray, newer: np.ndarray, gap: float
) -> tuple[tuple[Tried, ...], Choice]:
    """Return each learner as it did on the newer rows, and the choice that was made for the trees."""
    columns, _ = learn(rows.table.filter(pa.array(older)), names, at)
    if not columns:
        raise HedgerowError("No column is left to learn from: add one that was known before the outcome.")
    whole = Examples(columns, encode(columns, rows.table, at), rows.came, rows.at)
    known, later = whole.part(older), whole.part(newer)
    learners: tuple[Learner, ...] = (Boosted(), Linear())
    tried, choices = [], []
    for learner in learners:
        choice = choose(learner, known, gap)
        margins = learner.margins(known, weights(known.at, choice.half), later)
        probability = choice.calibration(margins[learner.strengths.index(choice.strength)])
        quality = judge(probability, later.came)
        tried.append(Tried(learner.name, choice.strength, choice.half, choice.calibration.kind, quality))
        choices.append(choice)
    return tuple(tried), choices[0]


def _trained(whole: Examples, split: float, in_time: bool) -> Training:
    digest = hashlib.sha256(whole.matrix.tobytes() + whole.came.tobytes() + whole.at.tobytes()).hexdigest()
    since, until = float(whole.at[0]), float(whole.at[-1])
    return Training(len(whole), int(whole.came.sum()), since, until, split, digest, in_time)


def _all_left(left: tuple[Left, ...], leave_out: Collection[str]) -> tuple[Left, ...]:
    return (*left, *(Left(name, "somebody asked to leave it out") for name in sorted(leave_out)))
