"""attribution owns sharing an outcome's value among touches, and the books; it makes or loses no cent."""

from hedgerow.attribution.books import Books, books, close_period
from hedgerow.attribution.credit import UNATTRIBUTED, Credited, credit, credits_by, postings
from hedgerow.attribution.model import Model, choose, model_shelf
from hedgerow.attribution.removal import classic_totals

__all__ = [
    "UNATTRIBUTED",
    "Books",
    "Credited",
    "Model",
    "books",
    "choose",
    "classic_totals",
    "close_period",
    "credit",
    "credits_by",
    "model_shelf",
    "postings",
]
