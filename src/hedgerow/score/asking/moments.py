"""Moments: scores at an instant of each asked row's own, and when fading alone brings them past a number."""

from collections.abc import Collection
from dataclasses import dataclass
from math import log

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace, zone_of
from hedgerow.people import clusters
from hedgerow.score.fit import fitting
from hedgerow.score.known import known_by
from hedgerow.score.reading import as_known, members_of, points_of, read, terms_of
from hedgerow.score.scores import graded, scaled
from hedgerow.score.standing import MILLION, Points, Terms, granted, left, totals

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
MINUTE = 60 * MILLION
"""What instants at which a number is passed are counted in: the first full minute by which it is."""

STEPS = 500
"""Steps towards a number at the most; whoever is still on the way is to be asked about again at where they came to."""

NEVER = np.iinfo(np.int64).max
_ROUNDED = 1e-4


def scores_at(
    workspace: Workspace, asked: pa.Table, scores: Collection[float] = (), engagements: Collection[float] = ()
) -> pa.Table:
    """Return a row for each of `asked` (row, person, instant in microseconds) of whom anything is known by then.

    Columns: row; score, fit and engagement, as `scores` has them; and passes_at (microseconds), the first full minute
    behind the instant by which fading alone brings the score past one of `scores`, or the engagement past one of
    `engagements`; null where it never does.
    """
    row, person, instant = (asked[name].to_numpy().astype(np.int64) for name in ("row", "person", "instant"))
    with as_known(workspace, None) as known:
        _, terms = terms_of(known.settings)
        rows = read(known, int(instant.max(initial=0)), members_of(known, pa.array(np.unique(person))))
        points, until = _each(points_of(rows, known), row, person, instant)
        fading = _Fading(points, granted(points, terms, zone_of(known)), terms, workspace.settings.score.half_at)
        place, counted = totals(points, left(points, fading.grant, terms, until), terms)
        fits = fitting(known, known_by(known, _members(known, row, person, instant)))
    said = graded(workspace, place.astype(np.int64), counted, fits)
    share = workspace.settings.score.fit_share
    fit = said["fit"].fill_null(0).to_numpy()[np.isin(said["person"].to_numpy(), place)]
    marks = (_Marks(1 - share, share * fit, np.sort([*scores])), _Marks(1.0, 0 * fit, np.sort([*engagements])))
    at = instant[np.argsort(row)][np.searchsorted(np.sort(row), place)]
    passes = pa.table({"person": place.astype(np.int64), "passes_at": fading.passes(at, marks)})
    joined = said.select(["person", "score", "fit", "engagement"]).join(passes, "person")
    return joined.rename_columns(["row", *joined.column_names[1:]]).sort_by("row")


@dataclass(frozen=True)
class _Marks:
    """Numbers that base + share * engagement may pass, ascending; `base` (r,) is each row's."""

    share: float
    base: F64
    numbers: F64

    def side(self, engagement: F64, among: I64) -> I64:
        """Return between which numbers, or at which, the rows `among` are."""
        value = np.round(self.base[among] + self.share * engagement, 4)
        return np.searchsorted(self.numbers, value, "left") + np.searchsorted(self.numbers, value, "right")

    def room(self, engagement: F64, among: I64) -> F64:
        """Return how much engagement can change, either way, before a number can be passed."""
        if not len(self.numbers) or not self.share:
            return np.full(len(among), np.inf)
        value = self.base[among] + self.share * engagement
        near = np.searchsorted(self.numbers, value)
        below, above = self.numbers[np.maximum(near - 1, 0)], self.numbers[np.minimum(near, len(self.numbers) - 1)]
        apart = np.minimum(np.abs(value - below), np.abs(value - above))
        room: F64 = np.maximum(apart - _ROUNDED, 0) / self.share
        return room


class _Fading:
    """The points of rows, ordered, as they fade."""

    def __init__(self, points: Points, grant: I64, terms: Terms, half_at: float) -> None:
        self.points, self.grant, self.terms, self.half_at = points, grant, terms, half_at
        self.rows, self.of = np.unique(points.person, return_inverse=True)

    def passes(self, at: I64, marks: tuple[_Marks, ...]) -> pa.Array:
        """Return (r,) when each row, being at the instant `at`, first passes a number, null where it never does.

        No step is longer than the points could take at their fastest, so none leaps over a number; and all instants
        are full minutes, so that from wherever the search begins it comes to the same.
        """
        found = np.full(len(self.rows), NEVER)
        open_ = np.arange(len(self.rows))
        engagement, fastest, most = self._at(open_, at)
        begun = [each.side(engagement, open_) for each in marks]
        for _ in range(STEPS):
            room = np.minimum.reduce([each.room(engagement, open_) for each in marks])
            # As long as nothing is passed, the engagement is not below this, and so not steeper in points.
            slope = (100 - np.maximum(engagement - np.minimum(room, 100), 0)) * log(2) / self.half_at
            able = slope * most >= room
            open_, at, room, fastest = open_[able], at[able], room[able], (slope * fastest)[able]
            begun = [each[able] for each in begun]
            if not len(open_):
                break
            step = np.minimum(room / np.maximum(fastest, 1e-15), 1e15).astype(np.int64)
            at = np.maximum((at + step) // MINUTE, at // MINUTE + 1) * MINUTE
            engagement, fastest, most = self._at(open_, at)
            passed = np.any([each.side(engagement, open_) != side for each, side in zip(marks, begun, strict=True)], 0)
            found[open_[passed]] = at[passed]
            on = ~passed
            open_, at, engagement, fastest, most = open_[on], at[on], engagement[on], fastest[on], most[on]
            begun = [each[on] for each in begun]
        found[open_] = at[: len(open_)]
        return pa.array(found, mask=found == NEVER)

    def _at(self, among: I64, at: I64) -> tuple[F64, F64, F64]:
        """Return the engagement of some rows, each at an instant, the fastest their points can change one way from
        there on (in points a microsecond), and the most they can in all time."""
        place = np.full(len(self.rows), -1)
        place[among] = np.arange(len(among))
        mine = np.flatnonzero(place[self.of] >= 0)
        own, points = place[self.of[mine]], self.points.take(mine)
        amount = left(points, self.grant[mine], self.terms, at[own])
        _, counted = totals(points, amount, self.terms)
        # What was given fades downwards, what was taken upwards.
        way, size = 2 * own + (amount < 0), np.abs(amount) / MILLION
        most = np.bincount(way, size, 2 * len(among)).reshape(-1, 2).max(axis=1, initial=0)
        speed = size * log(2) / self.terms.half_life[points.signal]
        fastest = np.bincount(way, speed, 2 * len(among)).reshape(-1, 2).max(axis=1, initial=0)
        return scaled(counted.sum(axis=1) / MILLION, self.half_at), fastest, most


def _each(points: Points, row: I64, person: I64, instant: I64) -> tuple[Points, I64]:
    """Return the points of each row up to its instant, held together by the row, ordered; and (n,) that instant."""
    order = np.argsort(person, kind="stable")
    first = np.searchsorted(person[order], points.person, "left")
    count = np.searchsorted(person[order], points.person, "right") - first
    at = np.repeat(np.arange(len(count)), count)
    asker = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    kept = points.at[at] <= instant[asker]
    at, asker = at[kept], asker[kept]
    given = points.take(at)
    mine = Points(row[asker].astype(np.int32), given.at, given.tie, given.signal, given.amount)
    order = mine.ordered()
    return mine.take(order), instant[asker][order]


def _members(workspace: Workspace, row: I64, person: I64, instant: I64) -> pa.Table:
    """Return the identifiers of each row's person: code, person (the row) and until."""
    whose = clusters(workspace).person
    everybody = pa.table({"code": np.arange(len(whose)), "whose": whose.astype(np.int64)})
    asked = pa.table({"whose": person, "person": row, "until": instant})
    return everybody.join(asked, "whose", join_type="inner").select(["code", "person", "until"])
