"""Scores: what everybody is worth at an instant, by whom, by community, and for what reasons."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit import clock
from hedgerow.ledger import Workspace, zone_of
from hedgerow.score.fit import fitting
from hedgerow.score.known import known_of
from hedgerow.score.reading import as_known, members_of, points_of, read, terms_of
from hedgerow.score.signal import GROUPS
from hedgerow.score.standing import MILLION, Points, Terms, granted, left, totals

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
BLOCK = 1 << 22
"""Points in a block, about: a block is the points of some of the people."""
_COMMUNITY = list(GROUPS).index("community")
_PLACES = 4


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
    return graded(workspace, person, counted, fits)


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
        "score": scaled(worth, workspace.settings.score.half_at),
    }
    return pa.table(table).sort_by([("points", "descending"), ("person", "ascending"), ("community", "ascending")])


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


def graded(workspace: Workspace, person: I64, counted: I64, fits: pa.Table) -> pa.Table:
    """Return what `scores` does, given what counts for each of `person` (p,) by group (p, g), and what fits of whom."""
    own = workspace.settings.score
    fitted = fits.group_by("person").aggregate([("thousandths", "sum")])
    everybody = np.union1d(person, fitted["person"].to_numpy())
    raw = np.zeros((len(everybody), 2), np.int64)
    raw[np.searchsorted(everybody, person)] = np.stack([counted.sum(axis=1), counted[:, _COMMUNITY]], axis=1)
    worth, community = raw[:, 0] / MILLION, raw[:, 1] / MILLION
    fit_points, has_fit = np.zeros(len(everybody)), np.zeros(len(everybody), bool)
    place = np.searchsorted(everybody, fitted["person"].to_numpy())
    fit_points[place], has_fit[place] = fitted["thousandths_sum"].to_numpy() / 1000, True
    engagement, fit = scaled(worth, own.half_at), np.clip(fit_points, 0, 100)
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
            "community": scaled(community, own.half_at),
            "fit": pa.array(fit, mask=~has_fit),
            "score": score,
            "grade": pa.array(np.char.add(letter, number).tolist(), pa.string()),
        }
    )


def scaled(points: F64, half_at: float) -> F64:
    """Return 100 * (1 - 2^(-points / half_at)): 0 for none or less, 50 at `half_at`, never beyond 100."""
    scaled: F64 = np.round(100 * (1 - np.exp2(-np.maximum(points, 0) / half_at)), _PLACES)
    return scaled
