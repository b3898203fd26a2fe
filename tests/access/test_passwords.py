"""Passwords: which ones are taken, how they are kept, and that trying one tells nothing by its time."""

import statistics
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.access.passwords import check_password, hashed, is_dated, is_right
from hedgerow.kit import HedgerowError

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "passwords.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_it_takes_or_refuses_a_password(case: dict[str, Any]) -> None:
    email = case.get("email", "ann@example.org")
    if "refused" not in case:
        check_password(case["password"], email)
        return
    with pytest.raises(HedgerowError, match=case["refused"]) as refusal:
        check_password(case["password"], email)
    assert case["password"] not in refusal.value.sentence


@given(st.text(min_size=0, max_size=40), st.sampled_from(["ann@example.org", ""]))
def test_any_text_is_taken_or_refused_with_a_sentence(text: str, email: str) -> None:
    try:
        check_password(text, email)
    except HedgerowError as refusal:
        assert refusal.sentence.endswith(".")


@given(st.sampled_from("abcz019!. é"), st.integers(12, 1_024))
def test_one_character_is_no_password_however_often(character: str, times: int) -> None:
    with pytest.raises(HedgerowError):
        check_password(character * times, "ann@example.org")


def test_more_than_1024_characters_are_refused() -> None:
    long = "".join(f"{n} hedges, " for n in range(200))
    check_password(long[:1_024], "ann@example.org")
    with pytest.raises(HedgerowError, match="1,024"):
        check_password(long[:1_025], "ann@example.org")


@settings(max_examples=5, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_only_the_password_itself_is_right(password: str, other: str) -> None:
    kept = hashed(password)
    assert kept.startswith("$argon2id$")
    assert is_right(password, kept)
    assert not is_right(password + "x" + other, kept)


def test_letters_composed_in_another_way_are_the_same_password() -> None:
    assert is_right("cafe\u0301 in the hedge", hashed("caf\u00e9 in the hedge"))


def test_nothing_is_right_where_there_is_no_password() -> None:
    assert not is_right("", None)
    assert not is_right("", "")
    assert not is_right("a hedge of hazel", "no hash at all")


def test_trying_takes_as_long_where_there_is_no_user() -> None:
    kept = hashed("a hedge of hazel")

    def seconds(hash_or_none: str | None) -> float:
        begun = time.perf_counter()
        is_right("another", hash_or_none)
        return time.perf_counter() - begun

    # By turns, so that what else runs on the machine slows both.
    pairs = [(seconds(kept), seconds(None)) for _ in range(9)]
    with_user, without = (statistics.median(each) for each in zip(*pairs, strict=True))
    assert 0.5 < without / with_user < 2


def test_a_hash_of_weaker_parameters_is_dated() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8_192).hash("a hedge of hazel")
    assert is_dated(weaker)
    assert not is_dated(hashed("a hedge of hazel"))
