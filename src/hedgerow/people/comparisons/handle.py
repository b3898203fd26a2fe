"""Handle: the same name chosen on several networks, or in front of the @ of a mail address, or made of the name."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain
from hedgerow.people.matching.spellings import SPELLINGS


def _handle(text: str) -> str | None:
    """Return a handle without its server and marks: "anndyck" of "@Ann_Dyck@social.example"."""
    name = text.strip().casefold().removeprefix("acct:").lstrip("@").partition("@")[0].rpartition("/")[2]
    return re.sub(r"[\W_]+", "", name) or None


def _bare(text: str) -> str | None:
    name = re.sub(r"\d+$", "", _handle(text) or "")
    return name if len(name) >= 4 else None


_LETTERS = "regexp_replace(lower(split_part(x, '@', 1)), '[^a-z0-9]', '', 'g')"
_BASE = f"regexp_replace({_LETTERS}, '[0-9]+$', '')"
_WHOLE = "full_name IS NOT NULL OR given_name IS NOT NULL AND surname IS NOT NULL"
_PLAIN = "regexp_full_match(x, '[A-Za-z0-9._-]+(@[a-z0-9.-]+)?')"
_CHOSEN = Plain(_PLAIN, f"CASE WHEN length({_BASE}) >= 4 THEN {_BASE} END")

_LIKE = (
    "CASE WHEN len(handles_l) = 1 AND len(handles_r) = 1 THEN jaro_winkler_similarity(handles_l[1], handles_r[1]) "
    "ELSE list_max(flatten(list_transform(handles_l, lambda x : list_transform(handles_r, lambda y : "
    "jaro_winkler_similarity(x, y))))) END"
)

COMPARISON = Comparison(
    says="Handles are the same across networks, alike, used in a mail address, or spell the other's name.",
    columns=("handle", "account"),
    prepare={
        "handles_stated": Derived("list_concat(handle, list_transform(account, lambda x : split_part(x, ':', 2)))"),
        "handles": Derived("handles_stated", _handle, True, Plain(_PLAIN, f"nullif({_LETTERS}, '')")),
        "handle_first": Derived("list_min(handles)"),
        "spellings": SPELLINGS,
        "names_spelt": Derived(
            f"CASE WHEN {_WHOLE} THEN list_filter(spellings, lambda name : length(name) >= 5) ELSE [] END"
        ),
        "handles_chosen": Derived("list_concat(handles_stated, email)", _bare, True, _CHOSEN),
        "handles_bare": Derived("list_filter(handles_chosen, lambda x : NOT list_contains(names_spelt, x))"),
    },
    levels=(
        Level("A handle is the same.", "handle_first_l = handle_first_r OR list_has_any(handles_l, handles_r)"),
        Level(
            "A handle that is not their name is the same but for final digits, or is the other's mail name.",
            "list_has_any(handles_bare_l, handles_bare_r)",
        ),
        Level(
            "A handle spells the name of the other, whose own name is not known.",
            "len(names_spelt_r) = 0 AND list_has_any(names_spelt_l, handles_bare_r) "
            "OR len(names_spelt_l) = 0 AND list_has_any(handles_bare_l, names_spelt_r)",
        ),
        Level("The handles are alike.", f"({_LIKE}) >= 0.92"),
    ),
    otherwise="The handles differ.",
    known="len(handles_chosen) > 0 OR len(names_spelt) > 0",
    idle="len(handles_l) = 0 AND len(handles_r) = 0 OR len(handles_chosen_l) = 0 AND len(names_spelt_r) > 0 "
    "OR len(handles_chosen_r) = 0 AND len(names_spelt_l) > 0 OR handle_first_l = handle_first_r "
    "AND list_contains(names_spelt_l, handle_first_l) AND list_contains(names_spelt_r, handle_first_r)",
    keys=("handles_chosen",),
    rare="handle_first",
)
