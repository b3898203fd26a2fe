"""Employers: whether a role is employment, and which company a stated employer is."""

import re
from functools import cache

from hedgerow.people.words.companies import company_key
from hedgerow.people.words.domains import words
from hedgerow.people.words.folding import folded

_PARTS = re.compile(r"\s*(?:[,;/|&+•·]|\s[-–—]\s|\b(?:and|und|et|y|e|en|och|i)\b)\s*", re.I)
_AT = re.compile(r"\s(?:at|bei|chez|en|bij|@)\s.*$", re.I)


def is_employment(role: str | None) -> bool:
    """Return whether somebody with this role works there: an investor, mentor or board member does not.

    A role of several parts is employment if one of them is, and so is one nobody stated.
    """
    if not role or not role.strip():
        return True
    parts = [folded(part) for part in _PARTS.split(_AT.sub("", role))]
    return folded(role) not in _ties() and any(part and not _is_tie(part) for part in parts)


def employer_key(text: str) -> str | None:
    """Return the company a stated employer is, as spellings of one have it in common; None where it is none."""
    key = company_key(text)
    return key if key and len(key) > 1 and not key.isdigit() and key not in _none() else None


def _is_tie(part: str) -> bool:
    return part in _ties() or part.partition(" ")[0] in _past()


@cache
def _ties() -> frozenset[str]:
    return frozenset(folded(phrase) for phrases in words()["roles"].values() for phrase in phrases)


@cache
def _past() -> frozenset[str]:
    return frozenset(words()["past"]["openings"])


@cache
def _none() -> frozenset[str]:
    return frozenset(words()["employers"]["none"])
