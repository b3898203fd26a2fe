"""Stating: what a card of a contact book says, as the touches that the ledger keeps of it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from secrets import token_hex

import msgspec
import phonenumbers

from hedgerow.ledger import OWN, Touch
from hedgerow.people.cards.card import Address, Card
from hedgerow.people.profiles import BOOKS

Profile = dict[str, str | list[str]]

ONE = (
    "given_name", "surname", "full_name", "employer", "title", "role", "birth_date", "street", "postcode", "city",
    "region", "country", "language", "note",
)  # fmt: skip
MANY = ("nickname", "email", "phone", "account", "site", "lists")
"""The fields of a profile that a card may state: those with one value, and those with a list of values."""

_MAIL = re.compile(r"[^@\s:,;<>\"]+@[^@\s:,;<>\"]+\.[^@\s:,;<>\"]+")
_LONGEST = 512


def source_of(book: str) -> str:
    """Return the source of the touches that a book's cards state."""
    return f"{BOOKS}{book}"


def profile_of(card: Card) -> Profile:
    """Return what a card says of a person, by the standard names; a field it says nothing of is left out."""
    place = next(iter(card.addresses), Address())
    known = (*card.accounts, *card.mails, *card.phones)
    said: Profile = {
        "given_name": card.given_name,
        "surname": card.surname,
        "full_name": "" if card.full_name in known else card.full_name,
        "nickname": list(card.nicknames),
        "email": list(card.mails),
        "phone": list(card.phones),
        "account": list(card.accounts),
        "employer": card.employer,
        "title": card.title,
        "role": card.role,
        "site": list(card.sites),
        "birth_date": card.birth_date,
        "street": place.street,
        "postcode": place.postcode,
        "city": place.city,
        "region": place.region,
        "country": place.country,
        "language": card.language,
        "note": card.note,
        "lists": list(card.lists),
    }
    return {name: value for name, value in said.items() if value}


def changed(profile: Mapping[str, str | list[str]], before: Mapping[str, str | list[str]]) -> dict[str, object]:
    """Return the fields a profile says otherwise than `before`; None stands for one that it says no more."""
    names = (*ONE, *MANY)
    return {name: profile.get(name) for name in names if profile.get(name) != before.get(name)}


def identifier_of(book: str, uid: str, card: Card) -> str:
    """Return by which identifier a card's touches go: the book's own where the card has a UID, else its first."""
    if card.uid:
        return own_identifier(book, uid)
    return next(iter(identifiers(card)), own_identifier(book, uid))


def own_identifier(book: str, uid: str) -> str:
    """Return a book's own identifier of a card; a UID that is too long stands there by its digest."""
    whole = f"card.{book}:{uid}"
    return whole if len(whole) <= _LONGEST else f"card.{book}:{hashlib.sha256(uid.encode()).hexdigest()}"


def identifiers(card: Card) -> list[str]:
    """Return the mail addresses, accounts and international numbers of a card as identifiers."""
    mails = [f"email:{mail.lower()}" for mail in card.mails if _MAIL.fullmatch(mail)]
    phones = [f"phone:{number}" for number in map(_international, card.phones) if number]
    found = dict.fromkeys((*mails, *card.accounts, *phones))
    return [each for each in found if len(each) <= _LONGEST]


def touches(
    book: str, uid: str, card: Card | None, before: Card | None, revision: int, at: datetime
) -> Iterator[Touch]:
    """Yield what a card states that it did not `before`; without a card, that the book no longer holds it.

    A revision of a card is stated once, however often it is sent: the sender's id is made of the book's id of the
    card, the revision's number and what it says.
    """
    actor = identifier_of(book, uid, card or before or Card(()))
    if card is None:
        yield _touch(book, "remove", actor, f"{uid}:{revision}:removed", at, object=f"book:{book}")
        return
    said = changed(profile_of(card), profile_of(before) if before else {})
    claims = [each for each in identifiers(card) if each != actor]
    claimed = [each for each in identifiers(before) if each != actor] if before else []
    if said or before is None or claims != claimed:
        digest = hashlib.sha256(msgspec.json.encode([said, claims])).hexdigest()[:24]
        properties = msgspec.json.encode(said).decode()
        told = f"{uid}:{revision}:{digest}"
        yield _touch(book, "identify", actor, told, at, claims=tuple(claims), properties=properties)
    if card.opted_out and not (before and before.opted_out):
        yield _touch(book, "unsubscribe", actor, f"{uid}:{revision}:opted out", at, object=f"book:{book}")


def written_out(book: str, uid: str, verb: str, revision: int, at: datetime, person: str = "") -> Iterator[Touch]:
    """Yield what is left of writing a card into a book (`add`, `update`) or taking it out (`remove`).

    A card that is new there is tied to `person`, the identifier of whom it was made of. Of the card of an erased person
    (`forget`) nothing is said but that one was taken out.
    """
    if verb == "forget":
        yield Touch(occurred_at=at, source=OWN, verb="remove", actor=f"book:{book}", sender_id=token_hex(16))
        return
    card, told = own_identifier(book, uid), f"{book}:{uid}:{revision}:{verb}"
    yield Touch(occurred_at=at, said_at="", source=OWN, verb=verb, actor=f"book:{book}", sender_id=told, object=card)
    if person:
        yield _touch(book, "identify", card, f"{uid}:{revision}:of", at, claims=(person,), properties="{}")


def _touch(
    book: str,
    verb: str,
    actor: str,
    sender_id: str,
    at: datetime,
    object: str | None = None,
    claims: tuple[str, ...] = (),
    properties: str | None = None,
) -> Touch:
    # `said_at` is empty: the same revision read again at another time is no other touch.
    return Touch(
        occurred_at=at,
        said_at="",
        source=source_of(book),
        verb=verb,
        actor=actor,
        sender_id=sender_id,
        object=object,
        claims=claims,
        properties=properties,
    )


def _international(text: str) -> str | None:
    """Return E.164 of a number that says its country; one that doesn't may be many people's."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if phonenumbers.is_possible_number(number) else None
