"""Contacts: books as files state each card once, say who is who on several networks, and name what they reject."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from hedgerow import mill
from hedgerow.act.contacts import add_book
from hedgerow.cli import build
from hedgerow.collect import import_book
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace, drops, reasons
from hedgerow.people.cards import format_named, read_cards
from hedgerow.people.cards.found import found

RUN = CliRunner()
CARDS = """BEGIN:VCARD
VERSION:3.0
UID:1
FN:Ann Lee
EMAIL:Ann@X.example
TEL:+49 30 1234567
TEL:030 1
URL:https://linkedin.com/in/annlee
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
X-SHOE:42
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:2
FN:Bob
TITLE:Clerk
CATEGORIES:Opted out
END:VCARD
"""
FOLLOWS = "Account address,Show boosts\nann@social.example,true\ncat@social.example,true\n"
PEOPLE = """First Name,Last Name,Labels,E-mail 1 - Value,Website 1 - Label,Website 1 - Value
Ann,Lee,Friends,ann@x.example,Mastodon,https://social.example/@ann
"""


def _file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def _rows(workspace: Workspace, sql: str) -> list[dict[str, object]]:
    mill.turn(workspace)
    rows: list[dict[str, object]] = workspace.engine.sql(sql).to_pylist()
    return rows


def test_a_card_states_who_somebody_is(workspace: Workspace, tmp_path: Path) -> None:
    report = import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends")
    assert (report.new, report.changed, report.same, report.gone, report.rejected) == (2, 0, 0, 0, ())
    ann, bob, out = _rows(workspace, "SELECT * FROM touches ORDER BY actor, verb")
    assert ann["actor"] == "card.friends:1"
    assert ann["claims"] == ["email:ann@x.example", "linkedin:annlee", "phone:+49301234567"]
    said = msgspec.json.decode(str(ann["properties"]))
    assert {name: value for name, value in said.items() if value is not None} == {
        "full_name": "Ann Lee",
        "email": ["Ann@X.example"],
        "phone": ["+49 30 1234567", "030 1"],
        "account": ["linkedin:annlee"],
        "site": ["https://linkedin.com/in/annlee"],
    }
    assert (bob["verb"], out["verb"], out["object"]) == ("identify", "unsubscribe", "book:friends")


def test_the_same_book_again_adds_nothing_and_a_change_states_the_change(workspace: Workspace, tmp_path: Path) -> None:
    import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends")
    again = import_book(workspace, _file(tmp_path, "b.vcf", CARDS.replace("\n", "\r\n")), "friends")
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    for title in ("Boss", "Clerk"):
        changed = CARDS.replace("Clerk", title)
        assert import_book(workspace, _file(tmp_path, "c.vcf", changed), "friends").changed == 1
    said = _rows(workspace, "SELECT properties FROM touches WHERE actor = 'card.friends:2' AND verb = 'identify'")
    titles = [msgspec.json.decode(str(row["properties"])) for row in said]
    assert [each for each in titles if each == {"title": "Boss"}] == [{"title": "Boss"}]
    assert [each for each in titles if each == {"title": "Clerk"}] == [{"title": "Clerk"}]
    assert len(titles) == 3
    assert _rows(workspace, "SELECT * FROM touches WHERE verb = 'unsubscribe'").__len__() == 1


def test_an_import_that_stopped_before_it_was_written_down_states_nothing_twice(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _file(tmp_path, "a.vcf", CARDS)
    with monkeypatch.context() as patched:
        patched.setattr("hedgerow.collect.contacts.keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            import_book(workspace, file, "friends")
    assert import_book(workspace, file, "friends").new == 2
    assert len(_rows(workspace, "SELECT * FROM touches")) == 3


def test_who_is_not_in_the_whole_book_any_more_has_left_it(workspace: Workspace, tmp_path: Path) -> None:
    import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends")
    first = CARDS[: CARDS.index("END:VCARD") + 10]
    file = _file(tmp_path, "b.vcf", first)
    assert import_book(workspace, file, "friends").gone == 0
    assert import_book(workspace, file, "friends", whole=True).gone == 1
    assert import_book(workspace, file, "friends", whole=True).gone == 0
    removed = _rows(workspace, "SELECT actor, object FROM touches WHERE verb = 'remove'")
    assert removed == [{"actor": "card.friends:2", "object": "book:friends"}]
    assert import_book(workspace, _file(tmp_path, "c.vcf", CARDS), "friends").new == 1


def test_every_card_that_is_not_taken_is_named(workspace: Workspace, tmp_path: Path) -> None:
    text = CARDS + CARDS.replace("Ann Lee", "Somebody else") + "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    report = import_book(workspace, _file(tmp_path, "a.vcf", text), "friends")
    assert [each.reason.partition(":")[0] for each in report.rejected] == [
        "it names nobody",
        "it has the UID of another card, 1",
    ]
    assert report.rejects
    assert "Somebody else" in report.rejects.read_text()
    assert {reason.partition(":")[0]: [drop.payload for drop in each] for reason, each in drops(workspace).items()} == {
        "it names nobody": ["BEGIN:VCARD\nVERSION:3.0\nEND:VCARD"],
        "it has the UID of another card, 1": ["Somebody else"],
    }
    assert import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends").rejects is None
    assert reasons(workspace) == [], "what the file says no more is no fault any more"
    assert not report.rejects.exists()


def test_a_card_of_a_name_alone_is_taken_once(workspace: Workspace, tmp_path: Path) -> None:
    connections = (
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\nBob,Roe,,,Acme,CEO,01 Jan 2024\n"
    )
    file = _file(tmp_path, "connections.csv", connections)
    assert [import_book(workspace, file).new, import_book(workspace, file).same] == [1, 1]
    assert _rows(workspace, "SELECT value FROM stated WHERE field = 'employer'") == [{"value": "Acme"}]


def test_a_card_of_a_hundred_megabytes_is_named_and_stops_nobody(workspace: Workspace, tmp_path: Path) -> None:
    long = CARDS.replace("TITLE:Clerk", f"NOTE:{'x' * 100_000_000}")
    report = import_book(workspace, _file(tmp_path, "long.vcf", long))
    assert (report.new, [each.reason.split(":")[0] for each in report.rejected]) == (
        1,
        ["it is longer than 4,194,304 characters"],
    )
    assert _rows(workspace, "SELECT count(DISTINCT code) AS people FROM stated") == [{"people": 1}]


def test_the_same_person_is_found_on_another_network_with_what_says_so(workspace: Workspace, tmp_path: Path) -> None:
    import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends")
    import_book(workspace, _file(tmp_path, "follows.csv", FOLLOWS))
    import_book(workspace, _file(tmp_path, "people.csv", PEOPLE))
    mill.turn(workspace)
    rows = {
        each.other: [(step.source, step.identifier) for step in each.chain] for each in found(workspace, "mastodon")
    }
    assert rows == {
        "email:ann@x.example": [("contacts.google", "email:ann@x.example")],
        "linkedin:annlee": [
            ("contacts.google", "email:ann@x.example"),
            ("contacts.friends", "card.friends:1"),
            ("contacts.friends", "linkedin:annlee"),
        ],
        "phone:+49301234567": [
            ("contacts.google", "email:ann@x.example"),
            ("contacts.friends", "card.friends:1"),
            ("contacts.friends", "phone:+49301234567"),
        ],
    }
    with pytest.raises(HedgerowError, match="Did you mean 'mastodon'"):
        found(workspace, "mastadon")


def test_a_book_on_a_server_takes_no_file(workspace: Workspace, tmp_path: Path) -> None:
    add_book(workspace, "friends", "https://dav.example/", "ann", "s3cret")
    with pytest.raises(HedgerowError, match="sync it"):
        import_book(workspace, _file(tmp_path, "a.vcf", CARDS), "friends")
    secret = workspace.folder / "secrets" / "book-friends"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("s3cret", 0o600)
    with pytest.raises(HedgerowError, match="name a file"):
        import_book(workspace, tmp_path / "missing.vcf")


def _run(*words: object) -> Result:
    return RUN.invoke(build(), [str(word) for word in words], catch_exceptions=False)


def test_the_command_line_takes_books_in_and_gives_them_out_whole(tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    create_workspace(acme, "Acme").close()
    said = _run("contacts", "import", _file(tmp_path, "a.vcf", CARDS), "--book", "friends", "-w", acme).output
    assert "friends (vcard3): 2 new, 0 changed, 0 as before, 0 gone, 0 not taken." in said
    _run("contacts", "import", _file(tmp_path, "people.csv", PEOPLE), "-w", acme)
    _run("contacts", "import", _file(tmp_path, "follows.csv", FOLLOWS), "-w", acme)
    said = _run("contacts", "found", "--from", "mastodon", "-w", acme).output
    assert "linkedin:annlee" in said.replace("\n", "")
    assert "friends" in _run("contacts", "books", "-w", acme).output
    _run("contacts", "export", tmp_path / "out.vcf", "--format", "vcard4", "-w", acme)
    cards, rejected = read_cards((tmp_path / "out.vcf").read_bytes())
    assert rejected == []
    ann, *others = sorted(cards, key=lambda card: card.full_name)
    assert ann.photo == "data:image/jpeg;base64,AAAA"
    assert ann.text("X-SHOE") == "42"
    assert "mastodon:ann@social.example" in ann.accounts
    assert ann.lists == ("Friends",)
    assert [card.opted_out for card in others] == [True, False]
    _run("contacts", "export", tmp_path / "follows2.csv", "--format", "mastodon", "-w", acme)
    assert "ann@social.example" in (tmp_path / "follows2.csv").read_text()
    with pytest.raises(HedgerowError, match="Nothing takes in"):
        _run("contacts", "export", tmp_path / "x.zip", "--format", "x_archive", "-w", acme)
    with pytest.raises(HedgerowError, match="No book is on a server"):
        _run("contacts", "sync", "-w", acme)
    _run("contacts", "drop", "friends", "-w", acme)
    assert "friends" not in _run("contacts", "books", "-w", acme).output
    assert format_named("x_archive").write is None
