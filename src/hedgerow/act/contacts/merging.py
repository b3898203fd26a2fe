"""Merging: a card that two sides changed made one, field by field against what they last agreed on."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hedgerow.people.cards import Card, Line, line
from hedgerow.people.cards.card import OPTED_OUT, OPTED_OUT_LIST
from hedgerow.people.cards.line import LISTED

Key = tuple[str, ...]
Fields = dict[Key, tuple[Line, ...]]

_BY_VALUE = ("ADR", "URL", "SOCIALPROFILE", "IMPP", "RELATED", "MEMBER", "X-HEDGEROW-COLUMN")
_ASIDE = ("REV", "PRODID")


@dataclass(frozen=True)
class Merged:
    """A card made of two, and the fields that both changed: its name, what was kept, and what was not."""

    card: Card
    lost: tuple[tuple[str, str, str], ...]


def merged(base: Card, here: Card, there: Card) -> Merged:
    """Return what two sides made of `base`, each field by the side that changed it.

    Where both did, the card that was revised later says what counts (`there` where that can't be told), a change
    counts more than a removal, and what did not count is listed. Values of which a card may hold many (addresses,
    numbers, lists) are fields of their own. Merging what came out with either side again gives the same.
    """
    before, mine, theirs = _fields(base), _fields(here), _fields(there)
    here_counts = _is_later(here, there, base)
    kept: Fields = {}
    lost: list[tuple[str, str, str]] = []
    for key in dict.fromkeys((*theirs, *mine)):
        was, a, b = before.get(key, ()), mine.get(key, ()), theirs.get(key, ())
        if _same(a, b) or _same(b, was):
            kept[key] = a
        elif _same(a, was):
            kept[key] = b
        else:
            kept[key] = a if not b or (a and here_counts) else b
            lost.append((key[0], _shown(kept[key]), _shown(b if kept[key] is a else a)))
    card = Card((*_lines(kept), *_revision(here, there)), there.version)
    return Merged(_opted_out(card, base, here, there), tuple(lost))


def same(one: Card, other: Card) -> bool:
    """Return whether two cards mean the same."""
    return one.content == other.content or _meaning(one) == _meaning(other)


def _meaning(card: Card) -> dict[Key, frozenset[Line]]:
    return {key: frozenset(lines) for key, lines in _fields(card).items()}


def _same(one: tuple[Line, ...], other: tuple[Line, ...]) -> bool:
    return frozenset(one) == frozenset(other)


def _fields(card: Card) -> Fields:
    """Return the lines of a card by field; an element of a list is a field."""
    found: Fields = {}
    for each in card.lines:
        if each.name in _ASIDE:
            continue
        for key, part in _parts(each):
            if part not in found.get(key, ()):
                found[key] = (*found.get(key, ()), part)
    return found


def _parts(found: Line) -> Iterator[tuple[Key, Line]]:
    if found.name in LISTED and not found.params:
        for text in found.texts:
            yield (found.name, text), line(found.name, [text])
    elif found.name == "EMAIL":
        yield (found.name, found.text.strip().casefold()), found
    elif found.name == "TEL":
        yield (found.name, re.sub(r"[^\d+]", "", found.text) or found.text), found
    elif found.name in _BY_VALUE:
        yield (found.name, found.value, *found.param("NAME")), found
    else:
        yield (found.name,), found


def _lines(fields: Fields) -> Iterator[Line]:
    """Yield the lines of fields, the elements of a list on one line again."""
    for name in LISTED:
        texts = [text for key, lines in fields.items() if key[0] == name and len(key) == 2 for text in _texts(lines)]
        if texts:
            yield line(name, texts)
    for key, lines in fields.items():
        if key[0] not in LISTED or len(key) == 1:
            yield from lines


def _texts(lines: Iterable[Line]) -> list[str]:
    return [text for each in lines for text in each.texts]


def _is_later(here: Card, there: Card, base: Card) -> bool:
    mine, theirs = here.revised_at, there.revised_at
    # Many programs change a card and leave its REV as it was: then it says nothing of this change.
    stale = theirs is not None and theirs == base.revised_at
    return mine is not None and theirs is not None and not stale and mine > theirs


def _revision(here: Card, there: Card) -> Iterable[Line]:
    stated = [each for each in (here, there) if each.revised_at]
    return max(stated, key=lambda card: str(card.revised_at)).all("REV")[:1] if stated else ()


def _opted_out(card: Card, base: Card, here: Card, there: Card) -> Card:
    """Return the card with the mark as it should be: the book may set it, and only our side takes it off."""
    if here.opted_out or (there.opted_out and not base.opted_out):
        return card.marked_opted_out()
    if not card.opted_out:
        return card
    lists = [name for name in card.lists if name.casefold() != OPTED_OUT_LIST.casefold()]
    return card.but([line("CATEGORIES", lists)] if lists else [], OPTED_OUT, "CATEGORIES")


def _shown(lines: Iterable[Line]) -> str:
    return "; ".join(each.text[:200] for each in lines)
