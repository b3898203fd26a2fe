"""Contacts: a contact book's file taken in: what each card states as touches, once, and which could not be taken."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from hedgerow.act.contacts import Book, Kept, add_book, books, find_book
from hedgerow.act.contacts.books import HELD, LEFT, keep, kept_cards
from hedgerow.act.contacts.forgotten import remembered, silenced
from hedgerow.act.contacts.merging import same
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import ERASED, Touch, Workspace, drop
from hedgerow.people.cards import Card, Rejected, format_of, read_cards
from hedgerow.people.cards.stating import identifiers, source_of, touches

_TOGETHER, _SHOWN = 500, 200
_LONGEST = 4 << 20
"""Characters that a card may hold at the most, a picture among them."""

_TOO_LONG = f"it is longer than {_LONGEST:,} characters: leave out its picture, or what is not a card's"


@dataclass(frozen=True)
class BookReport:
    """What became of a file's cards: how many were new, changed, as before and gone, and which were not taken."""

    book: str
    format: str
    new: int
    changed: int
    same: int
    gone: int
    rejected: tuple[Rejected, ...]
    rejects: Path | None


@dataclass(frozen=True)
class _Stated:
    """A card of the file that is not as it was: the row to keep, and how it was before."""

    kept: Kept
    before: Card | None
    at: datetime


def import_book(workspace: Workspace, file: Path, book: str = "", format: str = "", whole: bool = False) -> BookReport:
    """Take a contact book's file in as the book named (by its format, where none is said), and say what came of it.

    The same file again adds nothing. `whole` says that who was in the book and isn't in the file has left it. Cards
    that can't be taken are faults, named in the report and in a file beside too. Raises `HedgerowError` for a file
    that can't be read, or is of no known format.
    """
    data = _bytes(file)
    format = format or format_of(data)
    found = _book(workspace, book or format)
    cards, rejected = read_cards(data, format)
    before, present = kept_cards(workspace, found.name), clock.now()
    named = _remembered(workspace, found.name, dict(_named(cards, rejected)), rejected)
    stated = [_stated(before.get(uid), uid, card, present) for uid, card in named.items()]
    stated += [
        _left(kept, present) for uid, kept in before.items() if whole and kept.state == HELD and uid not in named
    ]
    fresh = [each for each in stated if each]
    for start in range(0, len(fresh), _TOGETHER):
        some = fresh[start : start + _TOGETHER]
        # What is stated is accepted first: a stop before it is written down states the same revision again.
        workspace.inbox.accept([touch for each in some for touch in _touches(found.name, each)])
        keep(workspace, found.name, [each.kept for each in some])
    rejected = silenced(workspace, rejected)
    drop(workspace, f"{source_of(found.name)} {file.name}", [(e.line, e.reason, e.payload) for e in rejected])
    gone = sum(each.kept.state == LEFT for each in fresh)
    new = sum(each.before is None for each in fresh)
    counts = (new, len(fresh) - new - gone, len(named) - len(fresh) + gone, gone)
    return BookReport(found.name, format, *counts, tuple(rejected), _rejects(workspace, found.name, rejected))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise HedgerowError(f"{file} can't be read ({error}): name a file that can.") from None


def _book(workspace: Workspace, name: str) -> Book:
    if name not in [book.name for book in books(workspace)]:
        return add_book(workspace, name)
    found = find_book(workspace, name)
    if found.url:
        raise HedgerowError(f"The book '{name}' is on a server: sync it, or import the file as another with --book.")
    return found


def _remembered(workspace: Workspace, book: str, named: dict[str, Card], rejected: list[Rejected]) -> dict[str, Card]:
    """Return the cards but those of erased people, of which nothing but that they were there is said."""
    known = remembered(workspace, book, named)
    rejected += [Rejected(number, ERASED, "") for number, uid in enumerate(named, 1) if uid not in known]
    return known


def _named(cards: Iterable[Card], rejected: list[Rejected]) -> Iterator[tuple[str, Card]]:
    """Yield each card with its id: its UID, or what it goes by; one that is there twice, and differs, is rejected, and
    so is one that is too long to be of a person."""
    seen: dict[str, Card] = {}
    for number, card in enumerate(cards, 1):
        if sum(len(each.value) for each in card.lines) > _LONGEST:
            rejected.append(Rejected(number, _TOO_LONG, card.shown_name[:_SHOWN]))
            continue
        uid = card.uid or next(iter(identifiers(card)), "") or f"content:{_digest(card)}"
        if uid not in seen:
            seen[uid] = card
            yield uid, card
        elif not same(card, seen[uid]):
            known = "UID" if card.uid else "address or number"
            said = f"it has the {known} of another card, {uid}: give one of them its own, or make them one"
            rejected.append(Rejected(number, said, card.shown_name))


def _digest(card: Card) -> str:
    return hashlib.sha256(b"\n".join(sorted(msgspec.json.encode(each) for each in card.lines))).hexdigest()


def _stated(kept: Kept | None, uid: str, card: Card, present: datetime) -> _Stated | None:
    held = kept if kept and kept.state == HELD else None
    if held and same(card, held.base):
        return None
    revised = card.revised_at
    told = revised is not None and revised <= present and not (held and revised == held.base.revised_at)
    row = Kept(uid, card, kept.revision + 1 if kept else 1)
    return _Stated(row, held.base if held else None, revised if told and revised else present)


def _left(kept: Kept, present: datetime) -> _Stated:
    return _Stated(Kept(kept.uid, Card(()), kept.revision + 1, state=LEFT), kept.base, present)


def _touches(book: str, each: _Stated) -> Iterator[Touch]:
    card = each.kept.base if each.kept.state == HELD else None
    return touches(book, each.kept.uid, card, each.before, each.kept.revision, each.at)


def _rejects(workspace: Workspace, book: str, rejected: list[Rejected]) -> Path | None:
    file = workspace.folder / "rejects" / f"contacts-{book}.csv"
    if not rejected:
        file.unlink(missing_ok=True)
        return None
    file.parent.mkdir(exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("line", "reason", "card"))
        writer.writerows((each.line, each.reason, each.payload) for each in rejected)
    return file
