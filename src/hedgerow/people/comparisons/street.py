"""Street: the lines of an address, in either order."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within
from hedgerow.people.words.folding import squeezed


def _line(text: str) -> str | None:
    return squeezed(text) or None


def _any(likeness: str) -> str:
    return " OR ".join(
        likeness.format(f"{left}_l", f"{right}_r")
        for left, right in (("street", "street"), ("street", "street_more"), ("street_more", "street"))
    )


COMPARISON = Comparison(
    says="They live or work in the same street, whichever line of the address says so.",
    columns=("street",),
    prepare={
        "street_lines": Derived("street", _line, many=True),
        "street": Derived("street_lines[1]"),
        "street_more": Derived("street_lines[2]"),
    },
    levels=(
        Level("The first line of the address is the same.", "street_l = street_r"),
        Level("A line of the address is the same.", "list_has_any(street_lines_l, street_lines_r)"),
        Level("A line of the address differs by a letter or two.", _any(within("{0}", "{1}", 2))),
        Level("A line of the address is alike.", _any("jaro_winkler_similarity({0}, {1}) >= 0.9")),
    ),
    otherwise="The streets differ.",
    known="len(street_lines) > 0",
    keys=("street_lines",),
    term_frequency="street",
)
