"""A bad call is one sentence that ends in what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class HedgerowError(Exception):
    """A refusal a user can act on: `sentence` says what is wrong and ends in what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def nearest(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or the list of what is known.

    Both forms start with a space and end a sentence, so that an error can be `f"No such thing.{nearest(…)}"`.
    """
    known = sorted(known)
    close = get_close_matches(name.lower(), [each.lower() for each in known], n=1)
    if close:
        match = next(each for each in known if each.lower() == close[0])
        return f" Did you mean '{match}'?"
    return f" Use one of: {', '.join(known) or 'none is defined'}."
