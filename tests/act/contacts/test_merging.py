"""Merging: what two sides made of a card is one card, whoever is asked first and however often."""

from hypothesis import given
from hypothesis import strategies as st

from hedgerow.act.contacts.merging import merged, same
from hedgerow.people.cards import Card, Line, line

_FIELDS = st.one_of(
    st.builds(lambda text: line("TITLE", text), st.sampled_from(["one", "two", "three"])),
    st.builds(lambda text: line("NOTE", text), st.sampled_from(["a", "b"])),
    st.builds(
        lambda text, kind: line("EMAIL", text, [kind]), st.sampled_from("xyz"), st.sampled_from(["home", "work"])
    ),
    st.builds(lambda texts: line("CATEGORIES", texts), st.lists(st.sampled_from(["A", "B", "C"]), unique=True)),
    st.builds(lambda text: Line("X-SHOE", text), st.sampled_from(["1", "2"])),
)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A card in which each property with one value stands once."""
    drawn = {each.name if each.name != "EMAIL" else each.value: each for each in draw(st.lists(_FIELDS, max_size=7))}
    at = draw(st.sampled_from(["", "20260101T000000Z", "20260102T000000Z"]))
    revised = [Line("REV", at)] if at else []
    return Card((line("FN", "Ann"), *(each for each in drawn.values() if each.value), *revised))


@given(cards(), cards(), cards())
def test_what_came_out_merged_again_with_either_side_is_the_same(base: Card, here: Card, there: Card) -> None:
    made = merged(base, here, there).card
    assert same(merged(base, here, made).card, made)
    assert same(merged(made, made, made).card, made)
    assert merged(made, here, made).lost == ()
    assert same(merged(made, made, there).card, there)


@given(cards(), cards())
def test_one_side_alone_is_taken_as_it_is(base: Card, changed: Card) -> None:
    assert same(merged(base, changed, base).card, changed)
    assert same(merged(base, base, changed).card, changed)
    assert merged(base, changed, changed).lost == ()


@given(cards(), cards(), cards())
def test_nothing_is_lost_but_what_is_listed(base: Card, here: Card, there: Card) -> None:
    made = merged(base, here, there)
    listed = {field for field, _, _ in made.lost}
    for side, other in ((here, there), (there, here)):
        for each in side.lines:
            if each.name not in ("REV", "CATEGORIES", *listed) and each not in base.lines:
                assert each in made.card.lines, (each, other)


def test_a_change_counts_more_than_a_removal_and_the_later_one_more_than_the_earlier() -> None:
    base = Card((line("FN", "Ann"), line("TITLE", "one")))
    late, early = Line("REV", "20260102T000000Z"), Line("REV", "20260101T000000Z")
    here, there = base.but([line("TITLE", "here"), late], "TITLE"), base.but([line("TITLE", "there"), early], "TITLE")
    assert merged(base, here, there).card.title == "here"
    assert merged(base, there, here).card.title == "here"
    assert merged(base, here, there).lost == (("TITLE", "here", "there"),)
    assert merged(base, base.but([late], "TITLE"), there).card.title == "there"
    assert merged(base, here, base.but([], "TITLE")).card.title == "here"


def test_a_program_that_leaves_the_revision_as_it_was_says_nothing_by_it() -> None:
    stale = Line("REV", "20260101T000000Z")
    base = Card((line("FN", "Ann"), line("TITLE", "one"), stale))
    here = base.but([line("TITLE", "here"), Line("REV", "20260102T000000Z")], "TITLE", "REV")
    there = base.but([line("TITLE", "there")], "TITLE")
    assert merged(base, here, there).card.title == "there"
