"""Reference: a number that an authority or a company gave to one person."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within
from hedgerow.people.words.folding import squeezed


def _reference(text: str) -> str | None:
    return squeezed(text) or None


COMPARISON = Comparison(
    says="A customer, member or insurance number is the same, allowing for a slip of the pen.",
    columns=("reference",),
    prepare={"referred": Derived("reference", _reference)},
    levels=(
        Level("The numbers are the same.", "referred_l = referred_r"),
        Level("The numbers differ by one sign.", within("referred_l", "referred_r", 1)),
        Level("The numbers differ by two signs.", within("referred_l", "referred_r", 2)),
    ),
    otherwise="The numbers differ.",
    known="referred IS NOT NULL",
    keys=("referred",),
    rare="referred",
)
