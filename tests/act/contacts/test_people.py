"""People: a contact book and the ledger in step, field by field, with what was done left behind as touches."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from hedgerow import mill
from hedgerow.act.contacts import Outcome, People, add_book, exported, find_book, sync
from hedgerow.act.contacts.carddav import AddressBook
from hedgerow.ledger import Touch, Workspace
from hedgerow.people import clusters, edit, profiles
from tests.act.contacts.radicale import held

ANN = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ann\r\nFN:Ann Lee\r\nN:Lee;Ann;;;\r\nEMAIL:ann@x.example\r\nTITLE:Clerk\r\n"
    b"X-SHOE:42\r\nEND:VCARD\r\n"
)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def _sync(workspace: Workspace, book: AddressBook, push: str = "") -> Outcome:
    if push:
        add_book(workspace, "friends", pushes=push)
    people = People(workspace, find_book(workspace, "friends"), lambda: mill.turn(workspace))
    done = sync(workspace, find_book(workspace, "friends"), people, book)
    mill.turn(workspace)
    return done


def _say(workspace: Workspace, actor: str, hours: int = 0, verb: str = "identify", **said: object) -> None:
    properties = msgspec.json.encode(said).decode() if said else None
    at = datetime.now(UTC) - timedelta(hours=hours)
    workspace.inbox.accept([Touch(occurred_at=at, source="form", verb=verb, actor=actor, properties=properties)])
    mill.turn(workspace)


def _there(book: AddressBook, *edits: tuple[bytes, bytes]) -> dict[str, str]:
    """Return the cards on the server by name, once each was edited."""
    for href, data in held(book).items() if edits else ():
        changed = data
        for old, new in edits:
            changed = re.sub(old, new, changed)
        if changed != data:
            book.put(href, changed, book.listing("").etags[href])
    texts = [data.decode() for data in held(book).values()]
    return {re.search("FN:([^\r]*)", text)[1]: text for text in texts}  # type: ignore[index]


def _touches(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    query = "SELECT verb, actor, object FROM touches WHERE source <> 'form' ORDER BY received_at, verb, actor"
    return [(row["verb"], row["actor"], row["object"]) for row in workspace.engine.sql(query).to_pylist()]


def test_a_field_goes_whichever_way_it_was_stated_last(workspace: Workspace, book: AddressBook) -> None:
    book.put(book.place("ann"), ANN, None)
    assert _sync(workspace, book, "nobody").read == 1
    assert _sync(workspace, book).changes == 0
    _say(workspace, "email:ann@x.example", title="Boss", phone=["+49 30 1234567"])
    assert _sync(workspace, book).written == 1
    card = _there(book)["Ann Lee"]
    assert "TITLE:Boss" in card
    assert "TEL:+49 30 1234567" in card
    assert "X-SHOE:42" in card
    assert _sync(workspace, book).changes == 0
    _there(book, (b"TITLE:Boss", b"TITLE:Chief"), (b"TEL:[^\r]*\r\n", b""))
    assert _sync(workspace, book).read == 1
    assert _sync(workspace, book).changes == 0
    card = _there(book)["Ann Lee"]
    assert "TITLE:Chief" in card
    assert "TEL" not in card
    _say(workspace, "email:ann@x.example", hours=48, title="Long ago")
    assert _sync(workspace, book).changes == 0


def test_a_card_is_filled_as_the_profile_says_by_hand_first_and_what_is_verified_before_what_is_new(
    workspace: Workspace, book: AddressBook
) -> None:
    book.put(book.place("ann"), ANN, None)
    _sync(workspace, book, "nobody")
    _say(workspace, "email:ann@x.example", role="Head", verified=True)
    _say(workspace, "email:ann@x.example", role="Intern")
    assert _sync(workspace, book).written == 1
    assert "ROLE:Head" in _there(book)["Ann Lee"]
    edit(workspace, int(clusters(workspace).person[0]), "role", "Chief", "user:imani")
    mill.turn(workspace)
    assert _sync(workspace, book).written == 1
    assert "ROLE:Chief" in _there(book)["Ann Lee"]
    assert _sync(workspace, book).changes == 0
    _there(book, (b"ROLE:Chief", b"ROLE:Founder"))
    assert _sync(workspace, book).read == 1
    assert "ROLE:Founder" in _there(book)["Ann Lee"], "what the book's owner wrote later stays in the book"
    assert _sync(workspace, book).changes == 0


def test_what_a_card_says_no_more_is_gone_from_the_profile_and_what_others_say_stays(
    workspace: Workspace, book: AddressBook
) -> None:
    more = b"ROLE:Head\r\nTEL:+49 30 1234567\r\nTEL:+49 30 7654321\r\nNICKNAME:Annie\r\nEND"
    book.put(book.place("ann"), ANN.replace(b"END", more), None)
    _sync(workspace, book, "nobody")
    _say(workspace, "email:ann@x.example", hours=48, nickname="Nan", role="Clerk")
    assert _profile(workspace) == ("Head", ["+49 30 1234567", "+49 30 7654321"], ["Annie", "Nan"])
    _there(book, (b"ROLE:Head\r\n", b""), (b"TEL:.49 30 1234567\r\n", b""), (b"NICKNAME:[^\r]*\r\n", b""))
    _sync(workspace, book)
    assert _profile(workspace) == ("Clerk", ["+49 30 7654321"], ["Nan"])
    mill.rebuild(workspace)
    assert _profile(workspace) == ("Clerk", ["+49 30 7654321"], ["Nan"])
    assert _sync(workspace, book).changes == 0


def _profile(workspace: Workspace) -> tuple[str, list[str], list[str]]:
    (row,) = (row for row in profiles(workspace).to_pylist() if row["surname"] == "Lee")
    return row["role"], sorted(row["phone"]), sorted(row["nickname"])


@pytest.mark.parametrize("verb", ["unsubscribe", "withdraw", "block"])
def test_whatever_somebody_refuses_messages_by_their_card_says_so(
    workspace: Workspace, book: AddressBook, verb: str
) -> None:
    book.put(book.place("ann"), ANN, None)
    _sync(workspace, book, "nobody")
    _say(workspace, "email:ann@x.example", verb=verb)
    assert _sync(workspace, book).written == 1
    assert "X-HEDGEROW-OPTED-OUT:true" in _there(book)["Ann Lee"]
    assert _sync(workspace, book).changes == 0


def test_an_opt_out_goes_both_ways_and_stays(workspace: Workspace, book: AddressBook) -> None:
    book.put(book.place("ann"), ANN, None)
    bob = ANN.replace(b"ann", b"bob").replace(b"Ann", b"Bob")
    book.put(book.place("bob"), bob, None)
    _sync(workspace, book, "nobody")
    _say(workspace, "email:ann@x.example", verb="unsubscribe")
    _there(book, (b"FN:Bob Lee", b"FN:Bob Lee\r\nCATEGORIES:Opted out"))
    _sync(workspace, book)
    assert [row for row in _touches(workspace) if row[0] == "unsubscribe"] == [
        ("unsubscribe", "card.friends:bob", "book:friends")
    ]
    for card in _there(book).values():
        assert "CATEGORIES:Opted out" in card
        assert "X-HEDGEROW-OPTED-OUT:true" in card
    _there(book, (b"X-HEDGEROW-OPTED-OUT:true\r\n", b""), (b"CATEGORIES:Opted out\r\n", b""))
    _sync(workspace, book)
    assert all("X-HEDGEROW-OPTED-OUT:true" in card for card in _there(book).values())
    assert _sync(workspace, book).changes == 0


def test_who_was_taken_out_of_the_book_stays_known_and_is_not_put_back(workspace: Workspace, book: AddressBook) -> None:
    book.put(book.place("ann"), ANN, None)
    _sync(workspace, book, "everyone")
    href = next(iter(held(book)))
    book.delete(href, book.listing("").etags[href])
    assert _sync(workspace, book).gone == 1
    assert _touches(workspace)[-1] == ("remove", "card.friends:ann", "book:friends")
    _say(workspace, "email:ann@x.example", title="Boss")
    assert _sync(workspace, book).changes == 0
    assert held(book) == {}
    assert exported(workspace)[0].title == "Boss"


def test_everyone_is_written_into_a_book_that_asks_for_it_once(workspace: Workspace, book: AddressBook) -> None:
    _say(workspace, "email:bob@x.example", full_name="Bob", email=["bob@x.example"])
    book.put(book.place("ann"), ANN, None)
    assert _sync(workspace, book, "everyone").written == 1
    assert sorted(_there(book)) == ["Ann Lee", "Bob"]
    assert _sync(workspace, book).changes == 0
    codes = {row["n"]: row["code"] for row in workspace.engine.sql(_CODES).to_pylist()}
    person = clusters(workspace).person
    card = next(name for name in codes if name.startswith("card.friends:hedgerow-"))
    assert person[codes[card]] == person[codes["email:bob@x.example"]]
    assert ("add", "book:friends", card) in _touches(workspace)
    mill.rebuild(workspace)
    assert _sync(workspace, book).changes == 0


def test_who_leaves_the_list_is_taken_out_again(workspace: Workspace, book: AddressBook) -> None:
    _say(workspace, "email:bob@x.example", full_name="Bob", lists=["VIP"])
    _say(workspace, "email:cat@x.example", full_name="Cat")
    assert _sync(workspace, book, "VIP").written == 1
    assert sorted(_there(book)) == ["Bob"]
    _say(workspace, "email:bob@x.example", lists=[])
    assert _sync(workspace, book).removed == 1
    assert held(book) == {}
    assert _sync(workspace, book).changes == 0


def test_the_cards_of_one_person_in_one_book_stay_two(workspace: Workspace, book: AddressBook) -> None:
    book.put(book.place("ann"), ANN, None)
    book.put(book.place("ann2"), ANN.replace(b"UID:ann", b"UID:ann2").replace(b"Clerk", b"Boss"), None)
    assert _sync(workspace, book, "everyone").read == 2
    assert _sync(workspace, book).changes == 0
    titles = sorted(re.search(rb"TITLE:(\w+)", data)[1] for data in held(book).values())  # type: ignore[index]
    assert titles == [b"Boss", b"Clerk"]


_CODES = "SELECT code, kind || ':' || value AS n FROM identifiers"
