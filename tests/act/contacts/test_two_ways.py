"""Two ways: a book on a real CardDAV server and our side, changed on both, lose no card and make none twice."""

from collections.abc import Iterator, Sequence

import pytest

from hedgerow.act.contacts import Change, Outcome, add_book, conflicts, find_book, sync
from hedgerow.act.contacts.carddav import AddressBook, Fetched, Listing, find_address_book
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, drops, reasons
from hedgerow.people.cards import Card, line
from tests.act.contacts.radicale import Ours, held, new_book, new_full_book
from tests.act.contacts.truth import World, card_of


def _sync(workspace: Workspace, ours: Ours, book: object) -> Outcome:
    return sync(workspace, find_book(workspace, "friends"), ours, book)  # type: ignore[arg-type]


def _runs(workspace: Workspace, world: World, runs: int, share: float) -> None:
    _sync(workspace, world.ours, world.book)
    world.check()
    for _ in range(runs):
        world.change(share)
        _sync(workspace, world.ours, world.book)
        world.check()
        again = _sync(workspace, world.ours, world.book)
        assert (again.changes, again.rejected) == (0, [])
    assert conflicts(workspace, "friends")


def test_ten_runs_with_changes_on_both_sides_lose_none_and_double_none(workspace: Workspace, book: AddressBook) -> None:
    add_book(workspace, "friends")
    world = World(200, Ours(), book)
    world.begin(200)
    _runs(workspace, world, runs=10, share=0.05)


@pytest.mark.slow
def test_ten_runs_with_5000_contacts_lose_none_and_double_none(workspace: Workspace, server: str) -> None:
    book = new_full_book(server, "full", b"".join(card_of(f"there-{number}") for number in range(5_000)))
    add_book(workspace, "friends")
    world = World(5_000, Ours(), book)
    world.begun_there(5_000)
    _runs(workspace, world, runs=10, share=0.04)
    assert len(world.truth) > 4_000


class Stop(Exception):
    """The program is killed here."""


class Dying:
    """Either side, which stops the program after so many calls that change something."""

    def __init__(self, ours: Ours, book: AddressBook, after: int) -> None:
        self._ours, self._book, self._left = ours, book, after
        self.cards, self.listing, self.place = ours.cards, book.listing, book.place

    def fetch(self, hrefs: Sequence[str]) -> Iterator[Fetched]:
        """Fetch, and stop."""
        self._tick()
        yield from self._book.fetch(hrefs)

    def put(self, href: str, data: bytes, etag: str | None) -> str:
        """Put, and stop behind it."""
        made = self._book.put(href, data, etag)
        self._tick()
        return made

    def delete(self, href: str, etag: str) -> None:
        """Delete, and stop behind it."""
        self._book.delete(href, etag)
        self._tick()

    def apply(self, changes: Sequence[Change]) -> None:
        """Apply, and stop behind it, before it is written down."""
        self._ours.apply(changes)
        self._tick()

    def _tick(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Stop


def test_a_sync_that_stops_anywhere_ends_the_same_when_it_is_run_again(workspace: Workspace, book: AddressBook) -> None:
    add_book(workspace, "friends")
    ours = Ours()
    world = World(7, ours, book)
    world.begin(30)
    _sync(workspace, ours, book)
    stops = 0
    for _ in range(6):
        world.change(0.3)
        for after in (*range(0, 40, 3), 10_000):
            dying = Dying(ours, book, after)
            try:
                sync(workspace, find_book(workspace, "friends"), dying, dying)
            except Stop:
                stops += 1
            else:
                break
        world.check()
        assert _sync(workspace, ours, book).changes == 0
    assert stops > 6


class Racing:
    """A server on which somebody else is always faster, a few times."""

    def __init__(self, book: AddressBook, times: int) -> None:
        self._book, self._times = book, times
        self.listing, self.fetch, self.place, self.delete = book.listing, book.fetch, book.place, book.delete

    def put(self, href: str, data: bytes, etag: str | None) -> str:
        """Put, behind somebody else."""
        if self._times:
            self._times -= 1
            now = next(self._book.fetch([href]))
            self._book.put(href, now.data.replace(b"END:VCARD", b"X-RACE:%d\r\nEND:VCARD" % self._times), now.etag)
        return self._book.put(href, data, etag)


def test_a_card_that_changes_while_it_is_written_is_merged_anew(workspace: Workspace, book: AddressBook) -> None:
    add_book(workspace, "friends")
    ours = Ours()
    ours.held["a"] = Card((line("UID", "a"), line("FN", "Ann"), line("TITLE", "one")))
    _sync(workspace, ours, book)
    ours.held["a"] = ours.held["a"].but([line("TITLE", "two")], "TITLE")
    assert _sync(workspace, ours, Racing(book, 2)).rejected == []
    assert b"TITLE:two" in next(iter(held(book).values()))
    assert b"X-RACE" in next(iter(held(book).values()))
    assert ours.held["a"].all("X-RACE")
    ours.held["a"] = ours.held["a"].but([line("TITLE", "three")], "TITLE")
    assert "each time" in _sync(workspace, ours, Racing(book, 99)).rejected[0][1]
    assert _sync(workspace, ours, book).written == 1
    assert _sync(workspace, ours, book).changes == 0


def test_a_card_that_can_not_be_read_is_named_and_left_alone(workspace: Workspace, server: str) -> None:
    class Broken:
        """A server that hands out one bad card."""

        def listing(self, token: str) -> Listing:
            """List it."""
            return Listing({"/x.vcf": "1", "/y.vcf": "2"}, frozenset(), "t", True)

        def fetch(self, hrefs: Sequence[str]) -> Iterator[Fetched]:
            """Hand it out."""
            texts = {"/x.vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nnonsense\r\nEND:VCARD", "/y.vcf": _GOOD}
            yield from (Fetched(href, "1", texts[href]) for href in hrefs)

    add_book(workspace, "friends")
    ours = Ours()
    done = _sync(workspace, ours, Broken())
    assert [href for href, _ in done.rejected] == ["/x.vcf"]
    assert "without a colon" in done.rejected[0][1]
    assert list(ours.held) == ["y"]
    assert find_book(workspace, "friends").token == ""
    assert [[drop.payload for drop in each] for each in drops(workspace).values()] == [["/x.vcf"]]
    _sync(workspace, ours, Broken())
    assert [each.count for each in reasons(workspace)] == [1], "the same again is no other fault"


_GOOD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:y\r\nFN:Y\r\nEND:VCARD"


def test_two_cards_with_one_id_are_not_taken_for_one(workspace: Workspace) -> None:
    class Doubled:
        """A server with the same UID at two addresses."""

        def listing(self, token: str) -> Listing:
            """List both."""
            return Listing({"/x.vcf": "1", "/y.vcf": "1"}, frozenset(), "", True)

        def fetch(self, hrefs: Sequence[str]) -> Iterator[Fetched]:
            """Hand both out."""
            yield from (Fetched(href, "1", _GOOD) for href in hrefs)

    add_book(workspace, "friends")
    ours = Ours()
    assert [href for href, _ in _sync(workspace, ours, Doubled()).rejected] == ["/y.vcf"]
    assert list(ours.held) == ["y"]


def test_a_book_is_found_from_the_address_of_its_server(server: str, book: AddressBook) -> None:
    with pytest.raises(HedgerowError, match="several address books"):
        new_book(server, "second")
        find_address_book(server, "ann", "s3cret")
    with pytest.raises(HedgerowError, match="user and password"):
        find_address_book(server, "ann", "wrong")
    with pytest.raises(HedgerowError, match="in the clear"):
        find_address_book("http://dav.example/ann/", "ann", "s3cret")
    with pytest.raises(HedgerowError, match="can't be reached"):
        find_address_book("http://127.0.0.1:1024", "ann", "s3cret")
