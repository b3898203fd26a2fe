"""What points are worth at an instant: the arithmetic against the plainest way to say it."""

from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.score.standing import DAY, ENDLESS, MILLION, Points, Terms, counting, granted, left, totals

SIGNALS, GROUPS = 4, 2
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns")]
# Around a change of the clocks in Berlin, so that one of the days has 23 hours.
BEGIN = int(datetime(2026, 3, 27, tzinfo=UTC).timestamp()) * MILLION
WEEK = 7 * DAY * MILLION

Row = tuple[int, int, int, int, int]
"""Person, time, tie, signal, amount."""

_CAP = st.just(ENDLESS) | st.integers(0, 30 * MILLION)
_TERMS = st.builds(
    lambda lives, caps, days, group_caps, group_days: Terms(
        np.array(lives) * DAY * float(MILLION),
        np.array(days, np.int64),
        np.array(caps, np.int64),
        np.array([0, 1, 0, 1]),
        np.array(group_days, np.int64),
        np.array(group_caps, np.int64),
    ),
    st.lists(st.floats(0.01, 400), min_size=SIGNALS, max_size=SIGNALS),
    *(st.lists(_CAP, min_size=count, max_size=count) for count in (SIGNALS, SIGNALS, GROUPS, GROUPS)),
)
# Signals 0 and 1 give, 2 and 3 take; each group has one of either.
_ROWS = st.lists(
    st.builds(
        lambda person, at, tie, signal, amount: (person, BEGIN + at, tie, signal, amount if signal < 2 else -amount),
        st.integers(0, 3),
        st.integers(0, WEEK) | st.sampled_from([0, DAY * MILLION, 3 * DAY * MILLION]),
        st.integers(0, 2**31 - 1),
        st.integers(0, SIGNALS - 1),
        st.integers(1, 40 * MILLION),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: (row[0], row[1], row[2]),
)


def _points(rows: list[Row]) -> Points:
    person, at, tie, signal, amount = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return Points(person.astype(np.int32), at, tie.astype(np.int32), signal.astype(np.int16), amount)


def _plain(rows: list[Row], terms: Terms, zone: ZoneInfo, at: int) -> list[tuple[int, int, int]]:
    """Return (grant, left, counts) for each row in order, said one point after the other."""
    used: dict[object, int] = defaultdict(int)

    def take(amount: int, cap: int, *key: object) -> int:
        granted = min(abs(amount), cap - used[key])
        used[key] += granted
        return granted if amount > 0 else -granted

    found = []
    for person, then, _, signal, amount in rows:
        day, sign, group = datetime.fromtimestamp(then // MILLION, zone).date(), amount > 0, int(terms.group[signal])
        grant = take(amount, int(terms.day_cap[signal]), "signal", person, signal, sign, day)
        grant = take(grant, int(terms.group_day_cap[group]), "group", person, group, sign, day)
        remaining = int(np.rint(grant * np.exp2(-(at - then) / terms.half_life[signal])))
        found.append((grant, remaining))
    counts = []
    for (person, _, _, signal, amount), (_, remaining) in zip(reversed(rows), reversed(found), strict=True):
        group = int(terms.group[signal])
        counted = take(remaining, int(terms.cap[signal]), "alive", person, signal, amount > 0)
        counts.append(take(counted, int(terms.group_cap[group]), "all alive", person, group, amount > 0))
    return [(*pair, counted) for pair, counted in zip(found, reversed(counts), strict=True)]


@given(_ROWS, _TERMS, st.sampled_from(ZONES), st.integers(0, 2 * WEEK), st.randoms())
def test_what_each_point_grants_leaves_and_counts_is_what_is_said_one_by_one(
    rows: list[Row], terms: Terms, zone: ZoneInfo, later: int, chance: Random
) -> None:
    at = max(row[1] for row in rows) + later
    expected = _plain(sorted(rows), terms, zone, at)
    chance.shuffle(rows)
    points = _points(rows)
    points = points.take(points.ordered())
    grant = granted(points, terms, zone)
    remaining = left(points, grant, terms, at)
    counts = counting(points, remaining, terms)
    assert list(zip(grant.tolist(), remaining.tolist(), counts.tolist(), strict=True)) == expected
    people, counted = totals(points, remaining, terms)
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for (person, _, _, signal, _), (_, _, count) in zip(sorted(rows), expected, strict=True):
        sums[person, int(terms.group[signal])] += count
    assert {
        (int(person), group): int(counted[place, group]) for place, person in enumerate(people) for group in (0, 1)
    } == {(int(person), group): sums[int(person), group] for person in people for group in (0, 1)}


@given(_ROWS, _TERMS, st.sampled_from(ZONES), st.integers(0, WEEK))
def test_a_grant_depends_on_nothing_later(rows: list[Row], terms: Terms, zone: ZoneInfo, until: int) -> None:
    points = _points(sorted(rows))
    early = points.take(np.flatnonzero(points.at <= BEGIN + until))
    whole = granted(points, terms, zone)[points.at <= BEGIN + until]
    assert granted(early, terms, zone).tolist() == whole.tolist()


@given(_ROWS, _TERMS, st.integers(0, WEEK), st.integers(0, WEEK))
def test_nothing_that_is_given_grows_between_touches(rows: list[Row], terms: Terms, first: int, more: int) -> None:
    points = _points([row for row in sorted(rows) if row[4] > 0] or [(0, BEGIN, 0, 0, MILLION)])
    grant, last = granted(points, terms, ZONES[0]), int(points.at.max())
    sooner, later = (
        totals(points, left(points, grant, terms, at), terms)[1] for at in (last + first, last + first + more)
    )
    assert (later <= sooner).all()
    assert (later >= 0).all()


@pytest.mark.parametrize(("lives", "worth"), [(0, 8_000_000), (1, 4_000_000), (2, 2_000_000), (10, 7812), (60, 0)])
def test_a_point_loses_half_its_worth_every_half_life(lives: int, worth: int) -> None:
    endless = np.array([ENDLESS])
    terms = Terms(np.array([14.0 * DAY * MILLION]), endless, endless, np.zeros(1, np.int64), endless, endless)
    points = _points([(0, BEGIN, 1, 0, 8 * MILLION)])
    assert left(points, points.amount, terms, BEGIN + lives * 14 * DAY * MILLION).tolist() == [worth]
