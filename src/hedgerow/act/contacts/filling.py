"""Filling: what is known of a person, put into a card of theirs, which keeps all else it holds."""

from collections.abc import Iterable, Iterator, Mapping

from hedgerow.people.cards import Card, Line, line
from hedgerow.people.cards.line import LISTED
from hedgerow.people.cards.networks import account_of, profile
from hedgerow.people.cards.stating import MANY, ONE, Profile, profile_of

_TEXT = {"full_name": "FN", "title": "TITLE", "role": "ROLE", "birth_date": "BDAY", "language": "LANG", "note": "NOTE"}
_PART = {
    "surname": ("N", 0), "given_name": ("N", 1), "employer": ("ORG", 0), "street": ("ADR", 2), "city": ("ADR", 3),
    "region": ("ADR", 4), "postcode": ("ADR", 5), "country": ("ADR", 6),
}  # fmt: skip
_LENGTH = {"N": 5, "ORG": 1, "ADR": 7}
_VALUE = {"email": "EMAIL", "phone": "TEL", "site": "URL"}


def filled(card: Card, known: Mapping[str, str | list[str]]) -> Card:
    """Return the card saying what is known: a field with one value is replaced, to one with many values are added.

    The card itself comes back where it says all of that already.
    """
    said = profile_of(card)
    for field in (*ONE, *MANY):
        value = known.get(field)
        if isinstance(value, str) and value and value != said.get(field):
            card = _replaced(card, field, value)
        elif isinstance(value, list):
            card = card.but(_added(card, field, _fresh(value, said.get(field, []))), *_rewritten(field, value, said))
    return card


def _fresh(value: Iterable[str], said: str | list[str]) -> list[str]:
    there = {text.casefold() for text in said}
    return [text for text in dict.fromkeys(value) if text and text.casefold() not in there]


def _replaced(card: Card, field: str, value: str) -> Card:
    if field in _TEXT:
        return card.but([line(_TEXT[field], value)], _TEXT[field])
    name, place = _PART[field]
    first = next(iter(card.all(name)), None)
    parts = list(first.parts if first else ())
    parts += [""] * (_LENGTH[name] - len(parts))
    parts[place] = value
    made = line(name, parts)
    if first is None:
        return card.but([made])
    changed = Line(name, made.value, first.params, first.group)
    return Card(tuple(changed if each == first else each for each in card.lines), card.version)


def _rewritten(field: str, value: list[str], said: Profile) -> tuple[str, ...]:
    """Return the properties to leave out because they are written anew: a list stands on one line."""
    name = {"nickname": "NICKNAME", "lists": "CATEGORIES"}.get(field)
    return (name,) if name and _fresh(value, said.get(field, [])) else ()


def _added(card: Card, field: str, fresh: list[str]) -> Iterator[Line]:
    name = {"nickname": LISTED[0], "lists": LISTED[1]}.get(field)
    if name and fresh:
        there = card.nicknames if field == "nickname" else card.lists
        yield line(name, [*there, *fresh])
    elif field == "account":
        yield from (profile(account) for account in fresh)
    elif field == "site":
        yield from (line("URL", site) for site in fresh if account_of(line("URL", site)) not in card.accounts)
    elif not name:
        yield from (line(_VALUE[field], text) for text in fresh)
