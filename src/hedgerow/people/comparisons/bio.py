"""Bio: what they say about themselves, by the words in common."""

from hedgerow.people.matching.comparison import Comparison, Derived, Level
from hedgerow.people.words.folding import folded


def _words(text: str) -> tuple[str, ...]:
    return tuple(sorted({word for word in folded(text).split() if len(word) > 3}))


_BOTH = "len(list_intersect(bio_words_l, bio_words_r))"
_EITHER = f"(len(bio_words_l) + len(bio_words_r) - {_BOTH})"

COMPARISON = Comparison(
    says="They say the same about themselves.",
    columns=("bio",),
    prepare={"bio_words": Derived("bio", _words, many=True), "bio_text": Derived("array_to_string(bio_words, ' ')")},
    levels=(
        Level("The bios have the same words.", "bio_text_l = bio_text_r"),
        Level("The bios share most of their words.", f"{_BOTH} >= 0.6 * {_EITHER}"),
        Level("The bios share many of their words.", f"{_BOTH} >= 0.3 * {_EITHER}"),
        Level("The bios share a few words.", f"{_BOTH} >= 2"),
    ),
    otherwise="The bios have little in common.",
    known="len(bio_words) >= 2",
    keys=("bio_text",),
)
