"""Round trip: whatever a vCard holds comes back, folded, escaped, in either version."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from hedgerow.people.cards import Card, Line, format_named, line, read_cards
from hedgerow.people.cards.line import ADDRESSES, LISTED, STRUCTURED, cut, escaped, made_regular, unescaped

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029"), max_size=90)
_LONG = st.one_of(_TEXT, st.builds("\n".join, st.lists(_TEXT, max_size=4)))
_SAID = _LONG.filter(lambda text: text.strip(";, \n") != "")
_NAMES = st.sampled_from(["FN", "NOTE", "TITLE", "ROLE", "EMAIL", "TEL", "X-SHOE", "KIND", "RELATED"])
_KINDS = st.sets(st.sampled_from(["home", "work", "cell", "voice"]), max_size=3)
_PARAM = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"'), min_size=1, max_size=30)


def _write(card: Card, version: str) -> bytes:
    write = format_named(version).write
    assert write
    return write([card])


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A card with a name and much else."""
    lines = [line("FN", draw(_SAID)), line("UID", "urn:uuid:1")]
    for name in draw(st.lists(_NAMES, max_size=8)):
        made = line(name, draw(_SAID), draw(_KINDS), X_SAID=draw(_PARAM) if draw(st.booleans()) else "")
        lines.append(made if name != "EMAIL" or draw(st.booleans()) else made.but(X_ABLABEL=["Boat: the, big;one"]))
    for name in draw(st.lists(st.sampled_from([*LISTED, *STRUCTURED]), max_size=4)):
        lines.append(made_regular(line(name, draw(st.lists(_SAID, min_size=1, max_size=6)))))
    photo = draw(st.one_of(st.none(), st.binary(min_size=1, max_size=400)))
    if photo:
        lines.append(Line("PHOTO", f"data:image/jpeg;base64,{base64.b64encode(photo).decode()}"))
    return Card(tuple(each for each in lines if each.value.strip(";, ")))


@given(cards(), st.sampled_from(["vcard3", "vcard4"]))
def test_a_card_comes_back_as_it_was(card: Card, version: str) -> None:
    data = _write(card, version)
    found, rejected = read_cards(data, version)
    assert rejected == []
    assert found[0].content == card.content
    assert all(len(text) <= 75 for text in data.split(b"\r\n"))
    assert _write(found[0], version).count(b"\r\n") == data.count(b"\r\n")


@given(cards())
def test_from_one_version_to_the_other_and_back_is_no_change(card: Card) -> None:
    there = read_cards(_write(card, "vcard4"), "vcard4")[0][0]
    back = read_cards(_write(there, "vcard3"), "vcard3")[0][0]
    assert back.content == card.content


def test_a_part_that_ends_with_a_semicolon_keeps_it() -> None:
    assert made_regular(line("ADR", ["", "0;", ""])) == line("ADR", ["", "0;"])


@given(_LONG)
def test_escapes_undo_each_other(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert cut(escaped(text), ";") == [escaped(text)]


@given(st.lists(_LONG, min_size=1, max_size=6), st.sampled_from(",;"))
def test_parts_are_cut_where_they_were_joined(texts: list[str], mark: str) -> None:
    assert [unescaped(part) for part in cut(mark.join(map(escaped, texts)), mark)] == texts


@given(st.binary(max_size=300), st.sampled_from(["vcard3", "vcard4", "google", "mastodon_lists", "x_archive"]))
def test_whatever_the_bytes_are_reading_ends_in_cards_and_reasons(data: bytes, name: str) -> None:
    found, rejected = read_cards(b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + data if name == "vcard3" else data, name)
    assert all(card.shown_name for card in found)
    assert all(each.reason for each in rejected)


def test_a_photo_of_megabytes_comes_back() -> None:
    photo = f"data:image/png;base64,{base64.b64encode(bytes(range(256)) * 16_384).decode()}"
    card = Card((line("FN", "Ann"), Line("PHOTO", photo)))
    for version in ("vcard3", "vcard4"):
        assert read_cards(_write(card, version), version)[0][0].photo == photo


def test_a_character_of_four_bytes_is_never_folded_within() -> None:
    card = Card((line("FN", "a" + "😀" * 100),))
    data = _write(card, "vcard4")
    assert all(text.decode() for text in data.split(b"\r\n")[:-1])
    assert read_cards(data)[0][0].full_name == card.full_name


def test_what_is_known_as_an_address_is_not_escaped() -> None:
    for name in ADDRESSES:
        assert line(name, "https://x.example/a,b;c").value == "https://x.example/a,b;c"
