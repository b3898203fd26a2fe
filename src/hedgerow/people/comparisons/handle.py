"""Handle: the same name chosen on several networks, or in front of the @ of a mail address, or made of the name."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level
from hedgerow.people.words.names import family, given


def _handle(text: str) -> str | None:
    name = text.strip().casefold().removeprefix("acct:").lstrip("@").partition("@")[0].rpartition("/")[2]
    return name.strip() or None


def _bare(text: str) -> str | None:
    name = re.sub(r"[\W_]+|\d+$", "", _handle(text) or "")
    return name if len(name) >= 4 else None


def _spelt(text: str) -> tuple[str, ...]:
    first, last = given(text), family(text)
    if not first or not last:
        return ()
    made = {first + last, last + first, first[0] + last, first + last[0], last + first[0]}
    return tuple(sorted(name for name in made if len(name) >= 5))




_LIKE = (
    "list_max(flatten(list_transform(handles_bare_l, lambda x : list_transform(handles_bare_r, lambda y : "
    "jaro_winkler_similarity(x, y)))))"
)

COMPARISON = Comparison(
    says="Handles are the same across networks, alike, used in a mail address, or spell the other's name.",
    columns=("handle",),
    prepare={
        "handles": Derived("handle", _handle, many=True),
        "handle_first": Derived("list_min(handles)"),
        "handles_bare": Derived("list_concat(coalesce(handle, []), coalesce(email, []))", _bare, many=True),
        "names_spelt": Derived("coalesce(full_name, given_name || ' ' || surname)", _spelt, many=True),
    },
    levels=(
        Level("A handle is the same.", "handle_first_l = handle_first_r OR list_has_any(handles_l, handles_r)"),
        Level(
            "A handle is the same but for marks and final digits, or is the other's mail name.",
            "list_has_any(handles_bare_l, handles_bare_r)",
        ),
        Level(
            "A handle spells the other's name.",
            "list_has_any(handles_bare_l, names_spelt_r) OR list_has_any(names_spelt_l, handles_bare_r)",
        ),
        Level("The handles are alike.", f"{_LIKE} >= 0.92"),
    ),
    otherwise="The handles differ.",
    known="len(handles) > 0 OR len(handles_bare) > 0",
    idle="len(handles_l) = 0 AND len(handles_r) = 0",
    keys=("handles_bare", "names_spelt"),
    rare="handle_first",
)
