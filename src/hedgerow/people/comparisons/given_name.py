"""Given name: spelling, nicknames, initials, and names written in the other field."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain, nearly
from hedgerow.people.words.folding import PLAIN, SQUEEZED, squeezed
from hedgerow.people.words.names import FIRST, LAST, TWO_WORDS, family, given
from hedgerow.people.words.nicknames import kin

_GIVEN = "CASE WHEN given_name IS NULL THEN full_name END"


def _given(text: str) -> str | None:
    return squeezed(text) or None


def _kin(text: str) -> tuple[str, ...]:
    return kin(squeezed(text)) + kin(squeezed(text.split()[0])) if text.split() else ()


_ONE_WAY, _OTHER_WAY = nearly("given_l", "given_other_r"), nearly("given_r", "given_other_l")

_PLAIN = Plain(PLAIN, f"nullif({SQUEEZED}, '')")

COMPARISON = Comparison(
    says="Given names are alike, allowing for spelling, nicknames, initials and swapped fields.",
    columns=("given_name", "full_name"),
    prepare={
        "given_stated": Derived("given_name", _given, plain=_PLAIN),
        "given_of_full": Derived(_GIVEN, given, plain=Plain(TWO_WORDS, FIRST)),
        "given": Derived("coalesce(given_stated, given_of_full)"),
        "given_kin": Derived("given", lambda text: kin(text), many=True),
        "given_kin_stated": Derived("given_name", _kin, many=True),
        "given_as_family": Derived("surname", _given, plain=_PLAIN),
        "given_as_family_of_full": Derived(
            "CASE WHEN surname IS NULL THEN full_name END", family, plain=Plain(TWO_WORDS, LAST)
        ),
        "given_other": Derived("coalesce(given_as_family, given_as_family_of_full)"),
    },
    levels=(
        Level("The given names are the same.", "given_l = given_r"),
        Level(
            "One given name is a short form or another language's form of the other.",
            "list_has_any(given_kin_l, given_kin_r) OR list_has_any(given_kin_stated_l, given_kin_stated_r)",
        ),
        Level("The given name and the family name have changed places.", f"{_ONE_WAY} AND {_OTHER_WAY}"),
        Level(
            "The given name of one is the family name of the other, whose other name is not known.",
            f"{_ONE_WAY} AND given_other_l IS NULL OR {_OTHER_WAY} AND given_other_r IS NULL",
        ),
        Level("The given names differ by a letter or two.", nearly("given_l", "given_r")),
        Level(
            "One given name is the initial of the other.",
            "(length(given_l) = 1 OR length(given_r) = 1) AND given_l[1] = given_r[1]",
        ),
        Level("The given names are somewhat alike.", "jaro_winkler_similarity(given_l, given_r) >= 0.8"),
    ),
    otherwise="The given names differ.",
    known="given IS NOT NULL",
    keys=("given",),
    term_frequency="given",
)
