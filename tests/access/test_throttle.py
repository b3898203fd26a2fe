"""The throttle: so many tries, then a wait that is said, and nothing more."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.access import Throttle
from hedgerow.access.throttle import BY_ADDRESS, BY_EMAIL, WITHIN
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import stopped_at
from tests.access.conftest import NOON


def _is_refused(throttle: Throttle, email: str, address: str) -> str:
    try:
        throttle.count(email, address)
    except HedgerowError as refusal:
        return refusal.sentence
    return ""


def test_the_sixth_try_for_an_email_is_refused_with_how_long() -> None:
    throttle = Throttle()
    with stopped_at(NOON):
        assert [_is_refused(throttle, "ann", f"10.0.0.{n}") for n in range(BY_EMAIL)] == [""] * BY_EMAIL
        assert _is_refused(throttle, "ann", "10.0.0.9").endswith("try again in 15 minutes.")
        assert not _is_refused(throttle, "bo", "10.0.0.9")
    with stopped_at(NOON + WITHIN - timedelta(seconds=1)):
        assert _is_refused(throttle, "ann", "10.0.0.9").endswith("try again in 1 minute.")
    with stopped_at(NOON + WITHIN):
        assert not _is_refused(throttle, "ann", "10.0.0.9")


def test_the_twenty_first_try_from_an_address_is_refused_whatever_the_email() -> None:
    throttle = Throttle()
    assert not any(_is_refused(throttle, f"user{n}", "10.0.0.1") for n in range(BY_ADDRESS))
    assert _is_refused(throttle, "another", "10.0.0.1")
    assert not _is_refused(throttle, "another", "10.0.0.2")


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    throttle = Throttle()
    assert not any(_is_refused(throttle, f"user{n}", f"2001:db8::{n:x}") for n in range(BY_ADDRESS))
    assert _is_refused(throttle, "another", "2001:db8::ffff:1")
    assert not _is_refused(throttle, "another", "2001:db8:0:1::1")


def test_a_right_password_forgives_the_email_and_not_the_address() -> None:
    throttle = Throttle()
    for n in range(BY_ADDRESS):
        throttle.count(f"user{n}", "10.0.0.1")
    throttle.forgive("user0", "10.0.0.1")
    throttle.count("user0", "10.0.0.1")
    assert _is_refused(throttle, "user0", "10.0.0.1")


def test_a_refused_try_makes_the_wait_no_longer() -> None:
    throttle = Throttle()
    with stopped_at(NOON):
        for _ in range(BY_EMAIL):
            throttle.count("ann", "10.0.0.1")
    with stopped_at(NOON + WITHIN / 2):
        assert _is_refused(throttle, "ann", "10.0.0.1")
    with stopped_at(NOON + WITHIN):
        assert not _is_refused(throttle, "ann", "10.0.0.1")


@given(st.lists(st.integers(0, 600), max_size=60))
def test_in_no_fifteen_minutes_are_there_more_tries_than_allowed(pauses: list[int]) -> None:
    throttle, at, let = Throttle(), NOON, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        with stopped_at(at):
            if not _is_refused(throttle, "ann", "10.0.0.1"):
                let.append(at)
    assert all(later - first >= WITHIN for first, later in zip(let, let[BY_EMAIL:], strict=False))


def test_what_was_long_ago_takes_no_memory() -> None:
    throttle = Throttle()
    with stopped_at(NOON):
        for n in range(100):
            throttle.count(f"user{n}", f"10.0.0.{n}")
    with stopped_at(NOON + WITHIN):
        throttle.count("ann", "10.0.1.1")
    assert len(throttle._tries) == 2


@pytest.mark.parametrize("address", ["", "testclient", "::ffff:10.0.0.1", "fe80::1%eth0"])
def test_any_address_can_be_counted(address: str) -> None:
    throttle = Throttle()
    for n in range(BY_ADDRESS):
        throttle.count(f"user{n}", address)
    assert _is_refused(throttle, "ann", address)
