"""A format of contact books: how to know it, read it and write it, and what can't be read of it."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hedgerow.kit import HedgerowError, load_shelf, nearest
from hedgerow.people.cards.card import Card


@dataclass(frozen=True)
class Rejected:
    """A card that can't be taken: the line of the file it begins at, the reason, and what it said."""

    line: int
    reason: str
    payload: str


@dataclass(frozen=True)
class Format:
    """A way to write a contact book.

    `fits` tells the format by a file's bytes, `read` yields its cards in order, each or what is wrong with it, and
    `write` returns a file of cards. `write` is None where nothing takes such a file in.
    """

    says: str
    ending: str
    fits: Callable[[bytes], bool]
    read: Callable[[bytes], Iterator[Card | Rejected]]
    write: Callable[[Iterable[Card]], bytes] | None


def format_shelf() -> dict[str, Format]:
    """Return every format there is, by name."""
    return load_shelf("hedgerow.people.cards.formats", Format)


def format_named(name: str) -> Format:
    """Return a format; raises `HedgerowError` with the nearest name for one that is unknown."""
    shelf = format_shelf()
    if name not in shelf:
        raise HedgerowError(f"No format of contact books is called '{name}'.{nearest(name, shelf)}")
    return shelf[name]


def format_of(data: bytes) -> str:
    """Return the name of the format some bytes are in; raises `HedgerowError` where none fits."""
    for name, format in format_shelf().items():
        if format.fits(data):
            return name
    raise HedgerowError(f"No format of contact books fits this file: say --format, one of {', '.join(format_shelf())}.")


def read_cards(data: bytes, format: str = "") -> tuple[list[Card], list[Rejected]]:
    """Return the cards of a file and what could not be read of it; without `format` it is told by the bytes."""
    found = list(format_named(format or format_of(data)).read(data))
    cards = [each for each in found if isinstance(each, Card)]
    return cards, [each for each in found if isinstance(each, Rejected)]


def encoding_of(data: bytes) -> str:
    """Return the encoding that a byte-order mark states, "" where there is none."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    return next((name for mark, name in marks.items() if data.startswith(mark)), "")


def decoded(data: bytes) -> str:
    """Return text that is in UTF-8 or UTF-16, or else in Windows-1252, as spreadsheets save it."""
    try:
        return data.decode(encoding_of(data) or "utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
