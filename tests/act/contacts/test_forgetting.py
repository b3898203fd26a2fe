"""A person in contact books is forgotten: with their cards, conflicts and rejects, and no book brings them back."""

from pathlib import Path

import sqlalchemy as sa

from hedgerow import mill
from hedgerow.act.contacts import Outcome, People, add_book, conflicts, find_book, sync
from hedgerow.act.contacts.books import kept_cards
from hedgerow.act.contacts.carddav import AddressBook
from hedgerow.collect import import_book
from hedgerow.ledger import Workspace, ask_to_forget, backup, drops, held, restore
from hedgerow.people import person_with
from tests.act.contacts.radicale import held as there
from tests.ledger.erasure.searching import found

MAIL, UID, NUMBER = "ann.lee-cooper@example.org", "4711-ann-card", "+49301234567"
SAID = (MAIL, f"card.friends:{UID}", UID, f"phone:{NUMBER}", NUMBER, "Lee-Cooper", "Annabel", "likes tulips")
"""What stands in Ann's card, her name, note and local number among it."""

ANN = (
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{UID}\r\nFN:Annabel Lee-Cooper\r\nN:Lee-Cooper;Annabel;;;\r\nEMAIL:{MAIL}\r\n"
    f"TEL:+49 30 1234567\r\nTITLE:Clerk\r\nNOTE:likes tulips\r\nEND:VCARD\r\n"
)
BOB = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bob\r\nFN:Bob Ray\r\nN:Ray;Bob;;;\r\nEMAIL:bob@example.org\r\n"
    f"TITLE:Chief\r\nNOTE:married to {MAIL}\r\nX-SHOE:42\r\nEND:VCARD\r\n"
)
BROKEN = ANN.replace("TITLE:Clerk", f"no colon {MAIL[:9]}\r\n {MAIL[9:]}")


def _sync(workspace: Workspace, book: AddressBook) -> Outcome:
    friends = find_book(workspace, "friends")
    done = sync(workspace, friends, People(workspace, friends, lambda: mill.turn(workspace)), book)
    mill.turn(workspace)
    return done


def _planted(workspace: Workspace, book: AddressBook, files: Path) -> Path:
    """Put Ann in a book on a server, with a conflict, and in a file of which one card is broken; return the file."""
    add_book(workspace, "friends", pushes="everyone")
    for text in (ANN, BOB):
        book.put(book.place(text.split("UID:")[1].split("\r")[0]), text.encode(), None)
    _sync(workspace, book)
    with workspace.record.begin() as connection:
        lost = {"book": "friends", "uid": UID, "field": "TITLE", "kept": "Clerk", "lost": "likes tulips", "at": 1}
        table = sa.Table("book_conflicts", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table).values(**lost, identifier=f"card.friends:{UID}"))
    files.mkdir()
    file = files / "paper.vcf"
    file.write_text(ANN + BROKEN + BOB.replace("UID:bob", "UID:bob-2"), newline="")
    assert len(import_book(workspace, file, "paper").rejected) == 1
    mill.turn(workspace)
    return file


def _forget(workspace: Workspace) -> None:
    ask_to_forget(workspace, person_with(workspace, f"email:{MAIL}"), "user:meg", "asked")
    mill.turn(workspace)


def _files(tmp_path: Path) -> Path:
    return tmp_path.parent / f"{tmp_path.name}-files"


def test_a_person_in_contact_books_is_found_in_every_place_first_and_in_none_once_forgotten(
    workspace: Workspace, book: AddressBook, tmp_path: Path
) -> None:
    _planted(workspace, book, _files(tmp_path))
    places = found(tmp_path, SAID)
    assert {"workspace/record.db", "workspace/rejects/contacts-paper.csv"} <= places.keys()
    assert any("lake/touches" in place for place in places)
    parts = {name for name, rows in held(workspace, person_with(workspace, f"email:{MAIL}")) if rows}
    assert {"book_cards", "book_conflicts", "drops", "touches"} <= parts
    _forget(workspace)
    assert found(tmp_path, SAID) == {}
    assert list(kept_cards(workspace, "friends")) == ["bob"]
    assert conflicts(workspace, "friends") == []
    workspace.close()
    assert found(tmp_path, SAID) == {}


def test_a_sync_takes_the_card_out_of_the_book_and_again_when_it_is_put_back_and_leaves_all_others(
    workspace: Workspace, book: AddressBook, tmp_path: Path
) -> None:
    _planted(workspace, book, _files(tmp_path))
    _forget(workspace)
    done = _sync(workspace, book)
    assert (done.removed, done.rejected, done.conflicts) == (1, [], [])
    left = [data.decode() for data in there(book).values()]
    assert len(left) == 1
    assert "FN:Bob Ray" in left[0] and "X-SHOE:42" in left[0]
    assert _sync(workspace, book).changes == 0
    assert found(tmp_path, SAID) == {}
    taken = workspace.engine.sql("SELECT object FROM touches WHERE verb = 'remove'").to_pylist()
    assert taken == [{"object": None}]
    book.put(book.place("other"), ANN.replace(UID, "other").encode(), None)
    cleo = BOB.replace("bob", "cleo").replace("Bob", "Cleo").replace("TITLE:Chief", "TEL:+49 30 1234567")
    book.put(book.place("cleo"), cleo.encode(), None)
    done = _sync(workspace, book)
    assert (done.removed, done.read) == (1, 1)
    names = sorted(card.base.full_name for card in kept_cards(workspace, "friends").values())
    assert names == ["Bob Ray", "Cleo Ray"], "a number alone makes nobody an erased person"
    assert found(tmp_path, SAID) == {}
    assert _sync(workspace, book).changes == 0


def test_a_file_that_is_imported_again_brings_nobody_back_and_says_that_somebody_was_left_out(
    workspace: Workspace, book: AddressBook, tmp_path: Path
) -> None:
    file = _planted(workspace, book, _files(tmp_path))
    _forget(workspace)
    for again in (file, file.rename(file.with_name("again.vcf"))):
        report = import_book(workspace, again, "paper") if again.exists() else None
        mill.turn(workspace)
    assert report
    assert sorted((each.reason, each.payload) for each in report.rejected)[-1] == ("its person was erased", "")
    assert {drop.payload for drop in drops(workspace)["its person was erased"]} == {""}
    assert found(tmp_path, SAID) == {}
    assert [card.base.full_name for card in kept_cards(workspace, "paper").values()] == ["Bob Ray"]


def test_an_older_backup_brings_no_card_back(workspace: Workspace, book: AddressBook, tmp_path: Path) -> None:
    _planted(workspace, book, _files(tmp_path))
    archive = _files(tmp_path) / "backup.tar.gz"
    backup(workspace, archive)
    _forget(workspace)
    restored = restore(archive, tmp_path / "again")
    assert found(tmp_path / "again", SAID)
    mill.turn(restored)
    assert found(tmp_path, SAID) == {}
    assert _sync(restored, book).removed == 1
    assert _sync(restored, book).changes == 0
    assert found(tmp_path, SAID) == {}
    restored.close()
