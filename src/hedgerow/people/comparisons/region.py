"""Region: the state, province or country somebody is in."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level
from hedgerow.people.words.folding import squeezed


def _region(text: str) -> str | None:
    return squeezed(text) or None


COMPARISON = Comparison(
    says="They are in the same state or province.",
    columns=("region",),
    prepare={"state": Derived("region", _region)},
    levels=(Level("The state or province is the same.", "state_l = state_r"),),
    otherwise="The state or province differs.",
    known="state IS NOT NULL",
    term_frequency="state",
)
