"""The calendar: when something is due, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.charter.calendar import ROUND_THE_CLOCK, Calendar, Span, business_time, due, openings, span
from hedgerow.kit.clock import microseconds

CASES = yaml.load((Path(__file__).parent / "calendar.yaml").read_text("utf-8"), yaml.BaseLoader)
MINUTE = 60_000_000
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia")

days = st.sampled_from(
    ["", "09:00-17:00", "08:30-12:00, 13:00-17:30", "00:00-24:00", "01:00-02:30", "02:15-02:45", "22:00-24:00"]
)
calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES),
    st.lists(days, min_size=7, max_size=7).filter(any).map(lambda week: tuple(openings(day) or () for day in week)),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda at: microseconds(at.replace(tzinfo=UTC))
)
spans = st.builds(
    Span,
    st.integers(1, 60),
    st.sampled_from(["minutes", "hours", "days", "business minutes", "business hours", "business days"]),
)


def one(calendar: Calendar, start: int, within: Span) -> int:
    return int(due(calendar, np.array([start]), within)[0])


def at(instant: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)


def is_open(calendar: Calendar, instant: int) -> bool:
    """Whether a team is there by its wall clock; an hour shown twice counts where its minutes are open."""
    local = at(instant).astimezone(ZoneInfo(calendar.zone))
    wall = local.time().replace(tzinfo=None, fold=0)
    return local.date() not in calendar.holidays and any(
        start <= wall and (end is None or wall < end) for start, end in calendar.openings[local.weekday()]
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_worked_case(case: dict[str, Any]) -> None:
    week = [openings(case["hours"]) or ()] * 5 + [openings(case["weekend"]) or () if "weekend" in case else ()] * 2
    calendar = Calendar(
        case["zone"], tuple(week), frozenset(date.fromisoformat(day) for day in case.get("holidays", ()))
    )
    within = span(case["within"])
    assert within
    zone = ZoneInfo(case["zone"])
    start = datetime.fromisoformat(case["from"]).replace(tzinfo=zone)
    found = at(one(calendar, microseconds(start), within)).astimezone(zone)
    assert found.strftime("%Y-%m-%d %H:%M") == case["due"]


@given(calendar=calendars, start=instants, within=spans)
def test_what_is_due_is_due_later(calendar: Calendar, start: int, within: Span) -> None:
    assert one(calendar, start, within) > start


@given(calendar=calendars, starts=st.lists(instants, min_size=2, max_size=5), within=spans)
def test_who_starts_later_is_never_due_earlier_and_many_are_as_one(
    calendar: Calendar, starts: list[int], within: Span
) -> None:
    together = due(calendar, np.array(sorted(starts)), within).tolist()
    assert together == sorted(together)
    assert together == [one(calendar, start, within) for start in sorted(starts)]


@given(calendar=calendars, start=instants, amount=st.integers(1, 40))
def test_business_time_until_it_is_due_is_the_span_exactly(calendar: Calendar, start: int, amount: int) -> None:
    found = one(calendar, start, Span(amount, "business hours"))
    assert business_time(calendar, np.array([start]), np.array([found])).tolist() == [amount * 60 * MINUTE]


@given(calendar=calendars, start=instants, one_span=st.integers(1, 30), other=st.integers(1, 30))
def test_spans_of_business_time_add_up(calendar: Calendar, start: int, one_span: int, other: int) -> None:
    halfway = one(calendar, start, Span(one_span, "business hours"))
    assert one(calendar, halfway, Span(other, "business hours")) == one(
        calendar, start, Span(one_span + other, "business hours")
    )


@settings(max_examples=40, deadline=None)
@given(calendar=calendars, start=instants)
def test_business_time_is_what_counting_minutes_by_the_wall_clock_gives(calendar: Calendar, start: int) -> None:
    start -= start % MINUTE
    end = start + 2 * 24 * 60 * MINUTE
    repeated = {at(m).astimezone(ZoneInfo(calendar.zone)).fold for m in range(start, end, 30 * MINUTE)}
    if repeated != {0}:  # an hour shown twice is counted once, up to the first time its end is shown
        return
    minutes = sum(is_open(calendar, minute) for minute in range(start, end, MINUTE))
    assert business_time(calendar, np.array([start]), np.array([end])).tolist() == [minutes * MINUTE]


@given(calendar=calendars, start=instants, amount=st.integers(1, 20))
def test_a_business_day_ends_at_closing(calendar: Calendar, start: int, amount: int) -> None:
    found = one(calendar, start, Span(amount, "business days"))
    assert business_time(calendar, np.array([found - MINUTE]), np.array([found])).tolist() == [MINUTE]
    assert business_time(calendar, np.array([start]), np.array([found]))[0] > 0


@given(start=instants, amount=st.integers(1, 100))
def test_round_the_clock_business_hours_are_hours(start: int, amount: int) -> None:
    assert one(ROUND_THE_CLOCK, start, Span(amount, "business hours")) == one(
        ROUND_THE_CLOCK, start, Span(amount, "hours")
    )


def test_nothing_to_do_is_never_due() -> None:
    assert due(ROUND_THE_CLOCK, np.zeros(0, np.int64), Span(2, "business days")).tolist() == []


@pytest.mark.parametrize(
    "text", ["", "4", "hours", "0 hours", "9999 days", "-1 days", "1.5 hours", "2 weeks", "2 business weeks"]
)
def test_what_is_no_span_is_none(text: str) -> None:
    assert span(text) is None


def test_a_span_reads_as_it_was_written() -> None:
    assert [str(span(text)) for text in ("1 day", "4 business hours", "1 business day")] == [
        "1 day",
        "4 business hours",
        "1 business day",
    ]
