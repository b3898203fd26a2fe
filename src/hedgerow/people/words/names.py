"""Names: which part of a full name is given, and which is the family's."""

import re

from hedgerow.people.words.folding import squeezed

_TITLES = re.compile(
    r"\b(?:dr|prof|mr|mrs|ms|miss|sir|dame|herr|frau|ing|dipl|mag|phd|md|mba|msc|bsc|jr|sr|ii|iii|iv)\b\.?", re.I
)
TWO_WORDS = (
    "regexp_full_match(x, '[A-Za-z]{4,} [A-Za-z]{4,}') "
    "AND NOT regexp_matches(x, '(?i)\\b(prof|miss|dame|herr|frau|dipl)\\b')"
)
"""SQL over a text `x`: whether it is plainly a given and a family name, which `FIRST` and `LAST` then are."""

FIRST, LAST = "lower(split_part(x, ' ', 1))", "lower(split_part(x, ' ', 2))"
SPELT = (
    f"[{FIRST} || {LAST}, {LAST} || {FIRST}, {FIRST}[1] || {LAST}, {FIRST} || {LAST}[1], {LAST} || {FIRST}[1], "
    f"{LAST}[1] || {FIRST}, {FIRST}, {LAST}]"
)
"""What `spelt` then returns."""

_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|[\"“”„].*?[\"“”]")
_PARTICLES = {"van", "von", "de", "der", "den", "di", "da", "do", "dos", "del", "della", "la", "le", "du", "ter", "ten",
              "zu", "zur", "al", "el", "bin", "ibn", "ben", "st", "mac", "af", "av"}  # fmt: skip


def given(full: str) -> str | None:
    """Return the first given name in a full name: "Ann" of "Dr. Ann van Dyck" and of "van Dyck, Ann B."."""
    parts = _parts(full)
    return squeezed(parts[0][0]) or None if parts[0] else None


def family(full: str) -> str | None:
    """Return the family name in a full name, squeezed, with its particles: "vandyck" of "Ann van Dyck"."""
    return squeezed("".join(_parts(full)[1])) or None


def spelt(full: str) -> tuple[str, ...]:
    """Return what people call themselves by such a name in handles and mail addresses: anndyck, adyck, annd, dyck, ….

    Two of one name arrive at it by themselves, so it says no more than the name does.
    """
    first, last = given(full), family(full)
    if not first or not last:
        return tuple(name for name in (first, last) if name)
    return (first + last, last + first, first[0] + last, first + last[0], last + first[0], last[0] + first, first, last)


def _parts(full: str) -> tuple[list[str], list[str]]:
    said = _TITLES.sub(" ", _ASIDE.sub(" ", full))
    before, comma, after = said.partition(",")
    if comma and after.strip():
        return after.split(), before.split()
    words = before.split()
    # The family's name begins at its first particle, or else is the last word; one word alone is a given name.
    start = next((at for at, word in enumerate(words) if at and word.casefold() in _PARTICLES), len(words) - 1)
    start = max(start, 1)
    return words[:start], words[start:]
