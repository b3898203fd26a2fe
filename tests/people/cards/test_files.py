"""Files: each format's worked cases, read, written again and read to the same."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow.kit import HedgerowError
from hedgerow.people.cards import Card, format_named, format_of, format_shelf, read_cards

HERE = Path(__file__).parent
VCARDS = yaml.safe_load((HERE / "vcards.yaml").read_text("utf-8"))
FILES = yaml.safe_load((HERE / "files.yaml").read_text("utf-8"))


def _said(card: Card, names: dict[str, Any]) -> dict[str, Any]:
    found = {name: getattr(card, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _check_rejected(found: list[Any], expected: list[list[Any]]) -> None:
    assert [each.line for each in found] == [line for line, _ in expected]
    assert all(said in each.reason for each, (_, said) in zip(found, expected, strict=True))


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["bare", "crlf"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("case", VCARDS, ids=[case["it"] for case in VCARDS])
def test_a_vcard_says(case: dict[str, Any], newline: str, mark: bytes) -> None:
    data = mark + case["text"].replace("\n", newline).encode()
    cards, rejected = read_cards(data)
    assert _said(cards[0], case["says"]) == case["says"]
    assert [card.full_name for card in cards[1:]] == case.get("also", [])
    _check_rejected(rejected, case.get("rejected", []))


@pytest.mark.parametrize("version", ["vcard3", "vcard4"])
@pytest.mark.parametrize("case", VCARDS, ids=[case["it"] for case in VCARDS])
def test_a_vcard_means_the_same_in_either_version(case: dict[str, Any], version: str) -> None:
    cards, _ = read_cards(case["text"].encode())
    write = format_named(version).write
    assert write
    again, rejected = read_cards(write(cards), version)
    assert rejected == []
    without = "X-SAID"  # version 3.0 can't write a quotation mark in a parameter
    for card, other in zip(cards, again, strict=True):
        difference = card.content ^ other.content
        assert not {each for each in difference if version == "vcard4" or not each.param(without)}


@pytest.mark.parametrize("case", FILES, ids=[case["it"] for case in FILES])
def test_a_file_is_known_by_its_bytes_and_says(case: dict[str, Any]) -> None:
    data = case["text"].encode()
    assert format_of(data) == case["format"]
    cards, rejected = read_cards(data)
    assert [_said(card, says) for card, says in zip(cards, case["cards"], strict=True)] == case["cards"]
    _check_rejected(rejected, case.get("rejected", []))


@pytest.mark.parametrize("case", FILES, ids=[case["it"] for case in FILES])
def test_a_file_written_again_loses_nothing(case: dict[str, Any]) -> None:
    write = format_named(case["format"]).write
    cards, _ = read_cards(case["text"].encode())
    if write is None:
        return
    kept = [card for card in cards if case["format"] != "mastodon" or "Muted" not in card.lists]
    again, rejected = read_cards(write(kept), case["format"])
    assert rejected == []
    assert [card.content for card in again] == [card.content for card in kept]


@pytest.mark.parametrize("name", [name for name, format in format_shelf().items() if format.write])
def test_who_opted_out_is_still_so_in_every_format_that_can_say_it(name: str) -> None:
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEMAIL:a@x.example\nX-SOCIALPROFILE;TYPE=mastodon:https://s.example/@a\nEND:VCARD"
    card = read_cards(text.encode())[0][0].marked_opted_out()
    write = format_named(name).write
    assert write
    again, _ = read_cards(write([card]), name)
    # Mastodon's follows have no place for a mark: who opted out is not to be followed.
    assert [each.opted_out for each in again] == ([] if name in ("mastodon", "mastodon_blocks") else [True])


def test_no_cell_of_a_spreadsheet_is_a_formula() -> None:
    nasty = ["=1+1", "@SUM(A1)", "-2+3*cmd|' /C calc'!A0", "\t=x", "'=quoted", "+49 30 123", "''=twice"]
    for name in ("google", "outlook", "linkedin"):
        write = format_named(name).write
        assert write
        for text in nasty:
            card = read_cards(b"BEGIN:VCARD\nVERSION:3.0\nFN:x\nN:;x\nEND:VCARD")[0][0]
            card = card.but(read_cards(_titled(text))[0][0].all("TITLE"))
            data = write([card])
            again, _ = read_cards(data, name)
            assert again[0].title == text
            cells = data.decode("utf-8-sig").split("\r\n")[1].split(",")
            assert not [cell for cell in cells if cell.strip('"')[:1] in set("=@\t") or cell.startswith("-2")]


def _titled(text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:x\nTITLE:{escaped}\nEND:VCARD".encode()


def test_an_archive_of_x_is_one_card_an_account() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for kind, name, number in (
            ("follower", "follower", 1),
            ("following", "following", 1),
            ("blocking", "block", 2),
        ):
            entry = f'{{"{kind}": {{"accountId": "{number}"}}}}'
            archive.writestr(f"data/{name}.js", f"window.YTD.{name}.part0 = [{entry}]")
        archive.writestr("data/tweets.js", "window.YTD.tweets.part0 = [ {} ]")
    assert format_of(out.getvalue()) == "x_archive"
    cards, rejected = read_cards(out.getvalue())
    assert rejected == []
    assert [(card.accounts, card.lists, card.opted_out) for card in cards] == [
        (("x_id:1",), ("Follower", "Following"), False),
        (("x_id:2",), ("Blocked", "Opted out"), True),
    ]
    cut_short, broken = read_cards(out.getvalue()[:-40], "x_archive")
    assert (cut_short, len(broken)) == ([], 1)
    torn = bytearray(out.getvalue())
    torn[torn.index(b"follower.js") + 20 : torn.index(b"follower.js") + 40] = b"\xff" * 20
    assert len(read_cards(bytes(torn), "x_archive")[1]) >= 1


def test_a_spreadsheet_in_windows_1252_or_utf_16_keeps_its_letters() -> None:
    text = "First Name,Last Name,E-mail Address\r\nÄnne,Müller,a@x.example\r\n"
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):
        assert read_cards(text.encode(encoding))[0][0].full_name == "Änne Müller"


def test_bytes_that_are_no_utf_8_spoil_their_own_card_only() -> None:
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Änne\nEND:VCARD\n".encode()
    cards, rejected = read_cards(good + good.replace("Ä".encode(), b"\xc4") + good)
    assert [card.full_name for card in cards] == ["Änne", "Änne"]
    assert "no UTF-8" in rejected[0].reason


def test_a_file_of_no_format_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(HedgerowError, match="google, linkedin"):
        format_of(b"name,shoe\nann,42\n")
    with pytest.raises(HedgerowError, match="Did you mean 'google'"):
        read_cards(b"", "gogle")


def test_a_link_to_an_address_is_that_address() -> None:
    said = b"BEGIN:VCARD\nVERSION:4.0\nFN:Ann\nEMAIL:MAILTO:ann@x.example\nEND:VCARD\n"
    assert read_cards(said, "vcard4")[0][0].mails == ("ann@x.example",)
