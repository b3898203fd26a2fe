"""Place: the town somebody lives or works in."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within
from hedgerow.people.words.folding import squeezed


def _town(text: str) -> str | None:
    return squeezed(text.partition(",")[0]) or None


COMPARISON = Comparison(
    says="They are in the same place.",
    columns=("place",),
    prepare={"towns": Derived("place", _town, many=True), "town": Derived("towns[1]")},
    levels=(
        Level("They are in the same place.", "town_l = town_r"),
        Level("They have a place in common.", "list_has_any(towns_l, towns_r)"),
        Level(
            "The places differ by a letter or two.",
            f"jaro_winkler_similarity(town_l, town_r) >= 0.9 OR length(town_l) > 4 AND {within('town_l', 'town_r', 2)}",
        ),
        Level("The places are somewhat alike.", "jaro_winkler_similarity(town_l, town_r) >= 0.8"),
    ),
    otherwise="They are in different places.",
    known="town IS NOT NULL",
    keys=("town",),
    term_frequency="town",
)
