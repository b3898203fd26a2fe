"""A comparison: one way in which two profiles can be alike, in levels from alike to unlike."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hedgerow.kit import load_shelf


@dataclass(frozen=True)
class Plain:
    """How DuckDB reads the texts that are plainly written, which are nearly all of them, many times as fast.

    `where` is SQL over a text `x`: whether it is plain; `sql` is then exactly what `read` returns of it.
    """

    where: str
    sql: str


@dataclass(frozen=True)
class Derived:
    """A column made of a profile's own columns, once for each distinct value of `sql`.

    `sql` is a DuckDB expression over the columns of profiles; its values are text, or lists of text where
    `many`. `read` makes of one text (an element of the list) what is compared: None, a text, or where `many`
    several texts.
    """

    sql: str
    read: Callable[[str], str | tuple[str, ...] | None] | None = None
    many: bool = False
    plain: Plain | None = None


@dataclass(frozen=True)
class Level:
    """A degree of likeness: its sentence, and when it is reached, in SQL over columns that end in _l and _r."""

    says: str
    sql: str


@dataclass(frozen=True)
class Comparison:
    """One way of comparing two people; levels are tried in order and the first that holds is reached.

    A pair where `known` is not true of both says nothing, for or against. Where no level holds, `otherwise` is
    said.
    """

    says: str
    columns: tuple[str, ...]
    """The columns of profiles it reads; it is left out where all of them are missing or empty."""
    prepare: Mapping[str, Derived]
    levels: tuple[Level, ...]
    otherwise: str
    known: str
    """SQL over derived columns without an ending: when a profile says enough to be compared."""
    keys: tuple[str, ...] = ()
    """Derived columns that bring candidates together: people who share a value are compared."""
    idle: str = "FALSE"
    """SQL over columns that end in _l and _r: when a pair says nothing although both profiles are known."""
    rare: str | None = None
    """A derived column of text that few share: the first model is trained on pairs that agree on it."""
    term_frequency: str | None = None
    """A derived column of text of which rare values weigh more; it belongs to the first level."""

    def asks(self) -> set[str]:
        """Return the derived columns that pairs are compared or brought together by; the others only lead to them."""
        said = " ".join((*(level.sql for level in self.levels), self.known, self.idle))
        words = {re.sub(r"_[lr]$", "", word) for word in re.findall(r"\w+", said)} | set(re.findall(r"\w+", said))
        return {name for name in self.prepare if name in words or name in (*self.keys, self.rare, self.term_frequency)}


def comparison_shelf() -> dict[str, Comparison]:
    """Return every comparison there is, by name."""
    return load_shelf("hedgerow.people.comparisons", Comparison)


_LEAST_JARO = {1: 0.8, 2: 0.65}
"""Of words with four letters or more that are so many edits apart; a letter changed in four makes 0.83, two 0.67."""


def within(left: str, right: str, edits: int) -> str:
    """Return SQL: whether at most `edits` letters were put in, left out, changed or swapped with their neighbour.

    Counting edits is slow, so pairs that are nothing like each other are sorted out first; words shorter than four
    letters are always counted.
    """
    near = f"abs(length({left}) - length({right})) <= {edits} AND "
    alike = f"(length({left}) < 4 OR jaro_similarity({left}, {right}) > {_LEAST_JARO[edits]})"
    return f"({near}{alike} AND damerau_levenshtein({left}, {right}) <= {edits})"


def nearly(left: str, right: str) -> str:
    """Return SQL: whether two names are one but for an edit, or begin alike and differ little."""
    return f"(jaro_winkler_similarity({left}, {right}) >= 0.92 OR {within(left, right, 1)})"
