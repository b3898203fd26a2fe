"""Scores: what everybody is worth at an instant, by whom, by community, and for what reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, zone_of
from hedgerow.people import clusters
from hedgerow.score.fit import fits_of, fitting
from hedgerow.score.known import known_of
from hedgerow.score.reading import as_known, members_of, points_of, read, terms_of
from hedgerow.score.signal import GROUPS
from hedgerow.score.standing import MILLION, Points, Terms, counting, granted, left, totals
from hedgerow.score.weights import weights_of

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
BLOCK = 1 << 22
"""Points in a block, about: a block is the points of some of the people."""
_COMMUNITY = list(GROUPS).index("community")
_PLACES = 4


@dataclass(frozen=True)
class Explanation:
    """A person's score at an instant, with a row for each point and each fit; they sum to `points` and `fit_points`."""

    person: int
    at: datetime
    score: dict[str, Any]
    points: pa.Table
    fits: pa.Table
    communities: pa.Table


def scores(
    workspace: Workspace,
    at: datetime | None = None,
    known_at: datetime | None = None,
    people: pa.Array | None = None,
) -> pa.Table:
    """Return the score of everybody who has points or whom a fit is known of, or of `people` (int64), at `at`.

    Columns: person, in ascending order; points and community_points (what counts, in points), fit_points;
    engagement, community, fit, score (0 to 100; NULL where nothing is known), grade ("A1" to "D4"). `at` is now if not
    given; `known_at` asks what was known then: only touches received by that time, and people by their evidence.
    """
    instant = clock.microseconds(at or clock.now())
    with as_known(workspace, known_at) as known:
        _, terms = terms_of(known.settings)
        points = points_of(read(known, instant, members_of(known, people)), known)
        person, counted = _summed(points, terms, instant, known)
        fits = fitting(known, known_of(known, instant, people))
    return _graded(workspace, person, counted, fits)


def community_scores(
    workspace: Workspace,
    at: datetime | None = None,
    known_at: datetime | None = None,
    people: pa.Array | None = None,
) -> pa.Table:
    """Return what each person's activity in each community is worth at `at`, the most first.

    Columns person, community, points, score (0 to 100). Caps of a day hold over all communities together, those of
    what is alive in each by itself.
    """
    instant = clock.microseconds(at or clock.now())
    with as_known(workspace, known_at) as known:
        _, terms = terms_of(known.settings)
        rows = read(known, instant, members_of(known, people), "community")
        rows = rows.filter(pa.compute.is_valid(rows["community"]))
        points = points_of(rows, known)
        order = points.ordered()
        points = points.take(order)
        amount = left(points, granted(points, terms, zone_of(known)), terms, instant)
    named = rows["community"].combine_chunks().dictionary_encode()
    place = named.indices.to_numpy()[order].astype(np.int64)
    pairs, pair = np.unique(np.stack([points.person, place]), axis=1, return_inverse=True)
    apart = np.argsort(pair, kind="stable")
    each = points.take(apart)
    each = Points(pair[apart].astype(np.int32), each.at, each.tie, each.signal, each.amount)
    found, counted = totals(each, amount[apart], terms)
    worth = counted[:, _COMMUNITY] / MILLION
    table = {
        "person": pairs[0][found],
        "community": named.dictionary.take(pa.array(pairs[1][found])),
        "points": worth,
        "score": _scaled(worth, workspace.settings.score.half_at),
    }
    return pa.table(table).sort_by([("points", "descending"), ("person", "ascending"), ("community", "ascending")])


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
        fits.append_column("points", pa.compute.divide(fits["thousandths"].cast(pa.float64()), 1000)),
        community_scores(workspace, at, known_at, only),
    )


def person_of(workspace: Workspace, identifier: str) -> int:
    """Return the person an identifier (kind:value) belongs to; raises `HedgerowError` where nobody is called so."""
    kind, _, value = identifier.partition(":")
    with as_known(workspace, None) as known:
        asked = pa.table({"kind": [kind], "value": [value]})
        found = known.engine.sql("SELECT code FROM identifiers JOIN asked USING (kind, value)", asked=asked)
        if not len(found):
            raise HedgerowError(f"Nobody is called '{identifier}': write it as kind:value, such as email:ann@a.org.")
        return int(clusters(known).person[found["code"][0].as_py()])


def names_of(workspace: Workspace, people: Sequence[int]) -> dict[int, list[str]]:
    """Return the identifiers of each of these people, addresses of mail first, then those that came first."""
    with as_known(workspace, None) as known:
        person = clusters(known).person
        codes = np.flatnonzero(np.isin(person, np.array(people, np.int64)))
        members = pa.table({"code": codes, "person": person[codes]})
        rows = known.engine.sql(
            "SELECT person, kind || ':' || value AS name FROM identifiers JOIN members USING (code) "
            "ORDER BY kind <> 'email', code",
            members=members,
        )
    names: dict[int, list[str]] = {}
    for row in rows.to_pylist():
        names.setdefault(row["person"], []).append(row["name"])
    return names


def ranked(
    workspace: Workspace, count: int, at: datetime | None = None, known_at: datetime | None = None
) -> tuple[pa.Table, int, datetime]:
    """Return the `count` people with the highest score, with the column name, how many have one, and as of when.

    Where `at` is not given it is now, or up to an hour ago where nothing has come since.
    """
    asked, settled = (at, known_at), workspace.settled
    kept = _kept.get(workspace)
    if kept and settled and kept[:2] == (asked, settled) and (at or clock.now() - kept[2] < timedelta(hours=1)):
        return kept[3], kept[4], kept[2]
    moment = at or clock.now()
    everybody = scores(workspace, moment, known_at)
    rows = everybody.sort_by([("score", "descending"), ("person", "ascending")]).slice(0, count)
    names = names_of(workspace, rows["person"].to_pylist())
    said = [names.get(person, [str(person)])[0] for person in rows["person"].to_pylist()]
    rows = rows.append_column("name", pa.array(said, pa.string()))
    if settled and workspace.settled == settled:
        _kept[workspace] = (asked, settled, moment, rows, len(everybody))
    return rows, len(everybody), moment


_kept: WeakKeyDictionary[Workspace, tuple[Any, str, datetime, pa.Table, int]] = WeakKeyDictionary()


def _explained(workspace: Workspace, at: int, only: pa.Array) -> pa.Table:
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
    told = workspace.engine.sql(
        "SELECT rows.touch_id, any_value(title) AS title, any_value(url) AS url FROM touches JOIN rows "
        "ON rows.touch_id = touches.touch_id GROUP BY rows.touch_id",
        rows=rows,
    )
    joined = pa.table(table).join(told, "touch_id")
    return joined.sort_by([("occurred_at", "descending"), ("touch_id", "ascending")])


def _summed(points: Points, terms: Terms, at: int, workspace: Workspace) -> tuple[I64, I64]:
    """Return the people (p,) of the points, ascending, and what counts for each by group (p, g), in millionths."""
    zone = zone_of(workspace)
    people, sums = [np.zeros(0, np.int64)], [np.zeros((0, len(terms.group_cap)), np.int64)]
    for block in _blocks(points):
        here = block.take(block.ordered())
        person, counted = totals(here, left(here, granted(here, terms, zone), terms, at), terms)
        people.append(person.astype(np.int64))
        sums.append(counted)
    return np.concatenate(people), np.concatenate(sums)


def _blocks(points: Points) -> Iterator[Points]:
    count = max(1, len(points.person) // BLOCK)
    width = int(points.person.max(initial=0)) // count + 1
    block = (points.person // width).astype(np.int16)
    for number in range(count):
        yield points.take(np.flatnonzero(block == number)) if count > 1 else points


def _graded(workspace: Workspace, person: I64, counted: I64, fits: pa.Table) -> pa.Table:
    own = workspace.settings.score
    fitted = fits.group_by("person").aggregate([("thousandths", "sum")])
    everybody = np.union1d(person, fitted["person"].to_numpy())
    raw = np.zeros((len(everybody), 2), np.int64)
    raw[np.searchsorted(everybody, person)] = np.stack([counted.sum(axis=1), counted[:, _COMMUNITY]], axis=1)
    worth, community = raw[:, 0] / MILLION, raw[:, 1] / MILLION
    fit_points, has_fit = np.zeros(len(everybody)), np.zeros(len(everybody), bool)
    place = np.searchsorted(everybody, fitted["person"].to_numpy())
    fit_points[place], has_fit[place] = fitted["thousandths_sum"].to_numpy() / 1000, True
    engagement, fit = _scaled(worth, own.half_at), np.clip(fit_points, 0, 100)
    score = np.round(own.fit_share * fit + (1 - own.fit_share) * engagement, _PLACES)
    letter = np.array(list("DCBA"))[np.searchsorted(sorted(own.fit_grades), fit, side="right")]
    number = np.array(list("4321"))[np.searchsorted(sorted(own.engagement_grades), engagement, side="right")]
    return pa.table(
        {
            "person": everybody,
            "points": worth,
            "community_points": community,
            "fit_points": pa.array(fit_points, mask=~has_fit),
            "engagement": engagement,
            "community": _scaled(community, own.half_at),
            "fit": pa.array(fit, mask=~has_fit),
            "score": score,
            "grade": pa.array(np.char.add(letter, number).tolist(), pa.string()),
        }
    )


def _scaled(points: F64, half_at: float) -> F64:
    """Return 100 * (1 - 2^(-points / half_at)): 0 for none or less, 50 at `half_at`, never beyond 100."""
    scaled: F64 = np.round(100 * (1 - np.exp2(-np.maximum(points, 0) / half_at)), _PLACES)
    return scaled
