"""cards owns how the world writes a person down: cards, the formats of contact books, and what a card states."""

from hedgerow.people.cards.card import Address, Card
from hedgerow.people.cards.format import Format, Rejected, format_named, format_of, format_shelf, read_cards
from hedgerow.people.cards.line import Line, line

__all__ = [
    "Address",
    "Card",
    "Format",
    "Line",
    "Rejected",
    "format_named",
    "format_of",
    "format_shelf",
    "line",
    "read_cards",
]
