"""Forgotten: what a contact book says of people who were erased is known again, and nothing takes it in."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from hedgerow.ledger import Workspace, erased_among
from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.people.cards import Card, Rejected
from hedgerow.people.cards.line import Line
from hedgerow.people.cards.stating import identifier_of, identifiers


def remembered(workspace: Workspace, book: str, cards: Mapping[str, Card]) -> dict[str, Card]:
    """Return those of a book's cards, by their ids, that are of nobody who was erased, and without what names one.

    A card is an erased person's by its own identifier, by a mail address or by an account. A number may have passed
    to somebody else: it tells only where a card says nothing but what was erased.
    """
    known = {uid: identifiers(card) for uid, card in cards.items()}
    named = [
        *(identifier_of(book, uid, card) for uid, card in cards.items()),
        *(n for each in known.values() for n in each),
    ]
    texts = (each.value for card in cards.values() for each in card.lines)
    erased, redactor = erased_among(workspace, named, texts)
    if not redactor:
        return dict(cards)
    return {
        uid: Card(tuple(_without(card, erased, redactor)), card.version)
        for uid, card in cards.items()
        if identifier_of(book, uid, card) not in erased and not _theirs(known[uid], erased)
    }


def silenced(workspace: Workspace, rejected: Iterable[Rejected]) -> list[Rejected]:
    """Return what was rejected, without what it said where that names somebody who was erased."""
    rejected = list(rejected)
    _, redactor = erased_among(workspace, (), (f"{each.reason} {each.payload}" for each in rejected))
    return [
        Rejected(each.line, redactor.text(each.reason), "") if redactor.names(f"{each.reason} {each.payload}") else each
        for each in rejected
    ]


def _theirs(known: Collection[str], erased: Collection[str]) -> bool:
    gone = [each for each in known if each in erased]
    return any(not each.startswith("phone:") for each in gone) or (bool(gone) and len(gone) == len(known))


def _without(card: Card, erased: Collection[str], redactor: Redactor) -> Iterator[Line]:
    for each in card.lines:
        if not any(said in erased for said in identifiers(Card((each,)))):
            yield Line(each.name, redactor.text(each.value), each.params, each.group)
