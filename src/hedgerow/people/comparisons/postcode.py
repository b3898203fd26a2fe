"""Postcode: the area mail is delivered in."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within
from hedgerow.people.words.folding import squeezed


def _code(text: str) -> str | None:
    return squeezed(text) or None


COMPARISON = Comparison(
    says="The postcode is the same.",
    columns=("postcode",),
    prepare={"postal": Derived("postcode", _code)},
    levels=(
        Level("The postcodes are the same.", "postal_l = postal_r"),
        Level("The postcodes differ by one sign.", within("postal_l", "postal_r", 1)),
        Level("The postcodes differ by two signs.", within("postal_l", "postal_r", 2)),
    ),
    otherwise="The postcodes differ.",
    known="postal IS NOT NULL",
    keys=("postal",),
    term_frequency="postal",
)
