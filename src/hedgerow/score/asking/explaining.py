"""Explaining: each point of a score with its touch, its rule, and what is left of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, zone_of
from hedgerow.people import clusters
from hedgerow.score.fit import fits_of, fitting
from hedgerow.score.known import known_of
from hedgerow.score.reading import as_known, members_of, points_of, read, terms_of
from hedgerow.score.scores import community_scores, scores
from hedgerow.score.standing import MILLION, counting, granted, left
from hedgerow.score.weights import weights_of


@dataclass(frozen=True)
class Explanation:
    """A person's score at an instant, with a row for each point and each fit; they sum to `points` and `fit_points`."""

    person: int
    at: datetime
    score: dict[str, Any]
    points: pa.Table
    fits: pa.Table
    communities: pa.Table


def explain(
    workspace: Workspace, person: int, at: datetime | None = None, known_at: datetime | None = None
) -> Explanation:
    """Return a person's score at `at`, each of its points with its touch, its rule and what is left of it.

    Points has the columns touch_id, occurred_at, verb, title, url, signal, says, group, weights, community,
    half_life_days, and in points: given (by the touch), granted (by the day's caps), left (at `at`), counts (under the
    caps of what is alive); the latest first. Raises `HedgerowError` for a number that names nobody.
    """
    at = at or clock.now()
    instant = clock.microseconds(at)
    with as_known(workspace, known_at) as known:
        owner = clusters(known).person
        if not 0 <= person < len(owner):
            raise HedgerowError(f"No person has the number {person}: look them up by an identifier.")
        person = int(owner[person])  # who was joined to somebody is found by their old number too
        only = pa.array([person], pa.int64())
        rows = _explained(known, instant, only)
        fits = fitting(known, known_of(known, instant, only))
    said = scores(workspace, at, known_at, only).to_pylist()
    nothing = dict.fromkeys(("engagement", "community", "fit", "score", "grade"))
    told = fits_of(workspace.settings)
    fits = fits.append_column("says", pa.array([told[name].says for name in fits["fit"].to_pylist()], pa.string()))
    return Explanation(
        person,
        at,
        said[0] if said else {"person": person, "points": 0.0, "community_points": 0.0, "fit_points": 0.0, **nothing},
        rows,
        fits.append_column("points", pc.divide(fits["thousandths"].cast(pa.float64()), 1000)),
        community_scores(workspace, at, known_at, only),
    )


def earned(workspace: Workspace, person: int, at: datetime | None = None) -> pa.Table:
    """Return what of a person's points counts at `at` (None: now), by what gave it, the most first.

    Columns says (the signal's sentence), touches (how many gave some that are left), last_at and points.
    """
    at = at or clock.now()
    with as_known(workspace, None) as known:
        rows = _counted(known, clock.microseconds(at), pa.array([person], pa.int64()))
    counting = rows.filter(pc.not_equal(rows["counts"], 0)).group_by("says")
    sums = counting.aggregate([("counts", "sum"), ("counts", "count"), ("occurred_at", "max")])
    names = {"counts_sum": "points", "counts_count": "touches", "occurred_at_max": "last_at"}
    return sums.rename_columns([names.get(name, name) for name in sums.column_names]).sort_by(
        [("points", "descending"), ("says", "ascending")]
    )


def _explained(workspace: Workspace, at: int, only: pa.Array) -> pa.Table:
    table = _counted(workspace, at, only)
    told = workspace.engine.sql(
        "SELECT rows.touch_id, any_value(title) AS title, any_value(url) AS url FROM touches JOIN rows "
        "ON rows.touch_id = touches.touch_id GROUP BY rows.touch_id",
        rows=table.select(["touch_id"]),
    )
    return table.join(told, "touch_id").sort_by([("occurred_at", "descending"), ("touch_id", "ascending")])


def _counted(workspace: Workspace, at: int, only: pa.Array) -> pa.Table:
    signals, terms = terms_of(workspace.settings)
    rows = read(workspace, at, members_of(workspace, only), "touch_id", "verb", "weights", "community")
    points = points_of(rows, workspace)
    order = points.ordered()
    points = points.take(order)
    grant = granted(points, terms, zone_of(workspace))
    alive = left(points, grant, terms, at)
    own, names = [list(signals.values())[place] for place in points.signal.tolist()], list(signals)
    said = {weight.name: weight.says for weight in weights_of(workspace.settings)}
    weights = [name.split(", ") if name else [] for name in rows["weights"].take(order).to_pylist()]
    table = {
        "touch_id": rows["touch_id"].take(order),
        "occurred_at": pa.array(points.at).cast(pa.timestamp("us", "UTC")),
        "verb": rows["verb"].take(order),
        "signal": pa.array([names[place] for place in points.signal.tolist()], pa.string()),
        "says": pa.array([signal.says for signal in own], pa.string()),
        "group": pa.array([signal.group for signal in own], pa.string()),
        "weights": pa.array([" ".join(said.get(name, name) for name in each) for each in weights], pa.string()),
        "community": rows["community"].take(order),
        "half_life_days": pa.array([signal.half_life_days for signal in own], pa.float64()),
        "given": points.amount / MILLION,
        "granted": grant / MILLION,
        "left": alive / MILLION,
        "counts": counting(points, alive, terms) / MILLION,
    }
    return pa.table(table)
