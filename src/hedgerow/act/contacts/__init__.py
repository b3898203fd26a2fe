"""contacts keeps contact books and the ledger in step, both ways; it loses no card and makes none twice."""

from hedgerow.act.contacts.books import Book, Conflict, Kept, add_book, books, conflicts, drop_book, find_book
from hedgerow.act.contacts.local import People, exported
from hedgerow.act.contacts.syncing import Change, Outcome, sync

__all__ = [
    "Book",
    "Change",
    "Conflict",
    "Kept",
    "Outcome",
    "People",
    "add_book",
    "books",
    "conflicts",
    "drop_book",
    "exported",
    "find_book",
    "sync",
]
