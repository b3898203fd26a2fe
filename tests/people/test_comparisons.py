"""Every comparison of the shelf: worked cases, and the laws that hold for all of them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.people.matching.comparison import comparison_shelf
from hedgerow.people.matching.reading import MANY, ONE, prepared, regular
from hedgerow.people.words.folding import folded, spelt_out, squeezed
from hedgerow.people.words.names import family
from hedgerow.people.words.names import given as given_name
from hedgerow.people.words.nicknames import kin
from tests.people.comparing import said, said_of_all

CASES = [
    {**case, "comparison": file.stem}
    for file in sorted((Path(__file__).parent / "comparisons").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text("utf-8"))
]
SHELF = comparison_shelf()
WORDS = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["ann@example.org", "+49 30 901820", "1971-06-24", "Ann Dyck"]
)
PROFILES = st.fixed_dictionaries({}, optional=dict.fromkeys((*ONE, *MANY), WORDS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['comparison']} {case['it']}")
def test_a_worked_case_comes_out(case: dict[str, Any]) -> None:
    assert said(case["comparison"], case["left"], case["right"]) == case["reaches"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['comparison']} {case['it']}")
def test_it_is_the_same_the_other_way_round(case: dict[str, Any]) -> None:
    assert said(case["comparison"], case["right"], case["left"]) == case["reaches"]


@pytest.mark.parametrize("name", SHELF)
def test_every_level_has_a_worked_case(name: str) -> None:
    sentences = {level.says for level in SHELF[name].levels} | {SHELF[name].otherwise, None}
    assert {case["reaches"] for case in CASES if case["comparison"] == name} == sentences


@settings(max_examples=8, deadline=None)
@given(drawn=st.lists(PROFILES, min_size=2, max_size=6))
def test_no_text_breaks_a_comparison_and_order_changes_nothing(drawn: list[dict[str, str]]) -> None:
    levels = said_of_all(drawn)
    assert levels
    assert all(levels[b, a] == reached for (a, b), reached in levels.items())


@pytest.mark.parametrize("name", SHELF)
def test_what_a_comparison_names_is_there(name: str) -> None:
    comparison = SHELF[name]
    named = {*comparison.keys, comparison.rare, comparison.term_frequency} - {None}
    assert named <= set(comparison.prepare)
    assert set(comparison.columns) <= {*ONE, *MANY}
    assert comparison.otherwise.endswith(".")
    assert all(level.says.endswith(".") for level in comparison.levels)


def test_comparisons_that_make_a_column_of_one_name_make_the_same_column() -> None:
    made = [(column, derived) for comparison in SHELF.values() for column, derived in comparison.prepare.items()]
    for column, derived in made:
        assert all(derived is other for name, other in made if name == column), column


def test_what_is_derived_of_a_profile_stays_with_it_however_many_are_read_at_once() -> None:
    many = 400_000
    mails = pa.array([[f"box{line}@example.org"] for line in range(many)])
    profiles = regular(pa.table({"person": pa.array(range(many)), "email": mails}))
    derived = prepared(profiles, {"email": SHELF["email"]})
    assert derived["person"].to_pylist() == list(range(many))
    assert derived["mailbox"].to_pylist() == [f"box{line}@example.org" for line in range(many)]


@given(text=st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(text=st.text())
def test_squeezed_text_holds_no_space(text: str) -> None:
    assert " " not in squeezed(text) + spelt_out(text)


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Ann Dyck", "ann", "dyck"),
        ("Prof. Dr. Ann (she) van Dyck, PhD", "ann", "vandyck"),
        ("DYCK, Ann", "ann", "dyck"),
        ("María de los Ángeles", "maria", "delosangeles"),
        ("Madonna", "madonna", None),
        ("", None, None),
        (",", None, None),
    ],
)
def test_a_full_name_is_taken_apart(full: str, first: str | None, last: str | None) -> None:
    assert (given_name(full), family(full)) == (first, last)


def test_kin_goes_both_ways() -> None:
    assert set(kin("bob")) & set(kin("robert")) and set(kin("sasha")) & set(kin("alexander"))
    assert not set(kin("robert")) & set(kin("alexander"))
    assert kin("xyzzy") == ("xyzzy",)
