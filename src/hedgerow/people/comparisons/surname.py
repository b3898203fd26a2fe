"""Family name: spelling, umlauts, double names, and names written in the other field."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain, nearly
from hedgerow.people.words.folding import PLAIN, SQUEEZED, folded, spelt_out, squeezed
from hedgerow.people.words.names import FIRST, LAST, TWO_WORDS, family, given


def _squeezed(text: str) -> str | None:
    return squeezed(text) or None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in folded(text).split() if len(part) > 3)


_PLAIN = Plain(PLAIN, f"nullif({SQUEEZED}, '')")

COMPARISON = Comparison(
    says="Family names are alike, allowing for spelling, double names and swapped fields.",
    columns=("surname", "full_name"),
    prepare={
        "family_stated": Derived("surname", _squeezed, plain=_PLAIN),
        "family_of_full": Derived("CASE WHEN surname IS NULL THEN full_name END", family, plain=Plain(TWO_WORDS, LAST)),
        "family": Derived("coalesce(family_stated, family_of_full)"),
        "family_spelt_out": Derived("surname", spelt_out, plain=Plain(PLAIN, SQUEEZED)),
        "family_parts": Derived("surname", _parts, many=True),
        "family_as_given": Derived("given_name", _squeezed, plain=_PLAIN),
        "family_as_given_of_full": Derived(
            "CASE WHEN given_name IS NULL THEN full_name END", given, plain=Plain(TWO_WORDS, FIRST)
        ),
        "family_other": Derived("coalesce(family_as_given, family_as_given_of_full)"),
    },
    levels=(
        Level("The family names are the same.", "family_l = family_r"),
        Level(
            "The family names are the same when umlauts are spelt out, or share a part.",
            "family_spelt_out_l = family_spelt_out_r OR list_has_any(family_parts_l, family_parts_r)",
        ),
        Level("The family names differ by a letter or two.", nearly("family_l", "family_r")),
        Level(
            "One family name is the initial of the other.",
            "(length(family_l) = 1 OR length(family_r) = 1) AND family_l[1] = family_r[1]",
        ),
        Level("The family names are somewhat alike.", "jaro_winkler_similarity(family_l, family_r) >= 0.8"),
    ),
    otherwise="The family names differ.",
    known="family IS NOT NULL",
    # Where names have changed places the given name says so, and once is enough.
    idle=f"({nearly('family_l', 'family_other_r')} OR {nearly('family_r', 'family_other_l')}) "
    f"AND NOT {nearly('family_l', 'family_r')}",
    keys=("family",),
    term_frequency="family",
)
