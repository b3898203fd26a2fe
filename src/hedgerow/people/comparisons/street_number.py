"""House number: the number in the street."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within
from hedgerow.people.words.folding import squeezed


def _number(text: str) -> str | None:
    return squeezed(text).lstrip("0") or None


COMPARISON = Comparison(
    says="The house number is the same.",
    columns=("street_number",),
    prepare={"house": Derived("street_number", _number)},
    levels=(
        Level("The house numbers are the same.", "house_l = house_r"),
        Level("The house numbers have the same digits, or one more.", within("house_l", "house_r", 1)),
    ),
    otherwise="The house numbers differ.",
    known="house IS NOT NULL",
    keys=("house",),
    term_frequency="house",
)
