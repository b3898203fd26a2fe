"""CardDAV: what servers answer differently, and the command line against a real one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.act.contacts.carddav import AddressBook, Changed, Refused
from hedgerow.act.contacts.dav import Answer
from hedgerow.cli import build
from hedgerow.kit import HedgerowError
from hedgerow.ledger import create_workspace
from tests.act.contacts.radicale import SECRET, USER, held, new_book

_MULTI = '<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">{}</multistatus>'
_CARD = (
    "<response><href>{}</href><propstat><prop><getetag>{}</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>"
    "</response>"
)
_GONE = "<response><href>{}</href><status>HTTP/1.1 404 Not Found</status></response>"
_CUT = "<response><href>/b/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
_TOKEN = "<sync-token>{}</sync-token>"


class Scripted:
    """A server that gives the answers it was told to, in order, and keeps what it was asked."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers, self.asked = list(answers), list[tuple[str, str, bytes, dict[str, str]]]()

    def request(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        """Give the next answer."""
        self.asked.append((method, url, body, headers))
        status, text = self._answers.pop(0)
        return Answer(status, url, {}, text.encode())

    def close(self) -> None:
        """Nothing is open."""


def _book(*answers: tuple[int, str]) -> AddressBook:
    return AddressBook(Scripted(*answers), "/b/")  # type: ignore[arg-type]


def test_a_list_of_changes_that_was_cut_goes_on_behind_its_token() -> None:
    first = _MULTI.format(_CARD.format("/b/a.vcf", "1") + _CARD.format("/b/c.vcf", "1") + _CUT + _TOKEN.format("t1"))
    second = _MULTI.format(_CARD.format("/b/b.vcf", "2") + _GONE.format("/b/c.vcf") + _TOKEN.format("t2"))
    found = _book((207, first), (207, second)).listing("t0")
    assert (dict(found.etags), found.gone, found.token) == (
        {"/b/a.vcf": "1", "/b/b.vcf": "2"},
        frozenset({"/b/c.vcf"}),
        "t2",
    )
    assert not found.whole


def test_a_token_that_the_server_forgot_begins_anew() -> None:
    found = _book((403, ""), (207, _MULTI.format(_CARD.format("/b/a.vcf", "1") + _TOKEN.format("t")))).listing("old")
    assert (dict(found.etags), found.token, found.whole) == ({"/b/a.vcf": "1"}, "t", True)


def test_a_server_without_such_a_list_is_asked_for_every_etag() -> None:
    collection = (
        "<response><href>/b/</href><propstat><prop><resourcetype><collection/></resourcetype><getetag>9</getetag>"
    )
    collection += "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    found = _book((501, ""), (207, _MULTI.format(collection + _CARD.format("/b/a.vcf", "1")))).listing("")
    assert (dict(found.etags), found.token, found.whole) == ({"/b/a.vcf": "1"}, "", True)


def test_an_address_is_the_same_however_the_server_quotes_it() -> None:
    listed = _MULTI.format(
        _CARD.format("/b/%41nn%20lee%C3%A9.vcf", "1") + _CARD.format("https://dav.example/b/x%2b.vcf", "2")
    )
    assert set(_book((501, ""), (207, listed)).listing("").etags) == {"/b/Ann%20lee%C3%A9.vcf", "/b/x+.vcf"}


def test_what_a_server_says_to_a_card_is_told_apart() -> None:
    with pytest.raises(Changed):
        _book((412, "")).put("/b/a.vcf", b"", "1")
    with pytest.raises(Refused, match="409"):
        _book((409, "<error>no uid</error>")).put("/b/a.vcf", b"", None)
    with pytest.raises(Changed):
        _book((412, "")).delete("/b/a.vcf", "1")
    _book((404, "")).delete("/b/a.vcf", "1")


def test_an_answer_that_is_no_plain_xml_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'
    for text, said in ((bomb, "document type"), ("<a", "no XML")):
        with pytest.raises(HedgerowError, match=said):
            _book((207, text)).listing("")


def test_the_command_line_adds_a_book_and_syncs_it(server: str, tmp_path: Path) -> None:
    book = new_book(server, "command-line")
    book.put(book.place("ann"), b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ann\r\nFN:Ann\r\nN:;Ann\r\nEND:VCARD\r\n", None)
    book.put(book.place("bad"), b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\nFN: \r\nN:;;;;\r\nEND:VCARD\r\n", None)
    create_workspace(tmp_path / "acme", "Acme").close()
    (tmp_path / "password").write_text(f"{SECRET}\n")
    run, acme = CliRunner(), str(tmp_path / "acme")
    add = ["contacts", "add", "friends", f"{server}/{USER}/command-line/", USER, "--push", "everyone"]
    added = run.invoke(build(), [*add, "--secret-file", str(tmp_path / "password"), "-w", acme], catch_exceptions=False)
    assert "is added" in added.output
    said = run.invoke(build(), ["contacts", "sync", "-w", acme], catch_exceptions=False).output
    assert "friends: 1 cards read, 0 written" in said
    assert "bad.vcf: it names nobody" in said.replace("\n", "")
    again = run.invoke(build(), ["contacts", "sync", "friends", "-w", acme], catch_exceptions=False).output
    assert "friends: 0 cards read, 0 written, 0 gone there, 0 taken out" in again
    assert len(held(book)) == 2
    book.close()
