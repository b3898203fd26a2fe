"""A life: all that happened in a hamlet, and what a sender's export of it is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit.money import Integers
from hedgerow.village import visits
from hedgerow.village.season import Season
from hedgerow.village.villagers import Chance, Hamlet, Rows, joined, numbered, pick, words


@dataclass(frozen=True)
class Life:
    """All that happened in one hamlet; `company` is how many rows of `said` are the company's."""

    hamlet: Hamlet
    season: Season
    company: int
    said: Rows
    forum: Rows
    events: Rows
    leads: Rows
    mailed: Rows
    calls: Rows
    deals: Rows

    def ids(self, kind: int, numbers: Integers) -> pa.Array:
        """Return the sender's ids of touches by their numbers; for `OUTSIDE`, the names of the causes."""
        if kind == visits.OUTSIDE:
            return pick([way.get("cause") for way in words()["way"]], numbers)
        own = numbered(f"{'.swmfk'[kind]}{self.hamlet.number}-", numbers)
        if kind != visits.SAID_IT:
            return own
        return pc.if_else(pa.array(numbers < self.company), numbered("p-", numbers), own)

    def causes(self, kinds: Integers, numbers: Integers) -> pa.Array:
        """Return the ids of causes of several kinds, in their order."""
        order = np.argsort(kinds, kind="stable")
        parts = [self.ids(kind, numbers[kinds == kind]) for kind in range(len(visits.CAUSES))]
        return pa.concat_arrays(parts).take(pa.array(np.argsort(order, kind="stable")))

    def instants(self, at: Integers) -> pa.Array:
        """Return times as timestamps in UTC."""
        return pa.array((at + self.season.epoch) * 1_000_000).cast(pa.timestamp("us", "UTC"))

    @property
    def tally(self) -> dict[str, int]:
        """How many leads and deals there are, and how many deals are won."""
        won = self.deals["won"] & (self.deals["at"][:, -1] >= 0)
        return {"leads": len(self.leads), "deals": len(self.deals), "won": int(won.sum())}

    def persons(self, person: Integers) -> pa.Array:
        """Return the truth's names of people: v000001, or company; null below 0."""
        own = numbered("v", self.hamlet.first + person)
        known = pc.if_else(pa.array(person < len(self.hamlet)), own, "company")
        return pc.if_else(pa.array(person >= 0), known, pa.scalar(None, pa.string()))


@dataclass(frozen=True)
class Sheet:
    """The rows of a file: the first column is the sender's id, `at` orders them, `marks` say what is odd."""

    name: str
    table: pa.Table
    at: Integers
    marks: list[tuple[Integers, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Export:
    """A file that a sender exports: one sentence, the file's name and the rows of a hamlet's life in it."""

    says: str
    file: str
    sheet: Callable[[Chance, Life], Sheet]
    bad: tuple[tuple[str, dict[str, str | None]], ...] = ()
    """Why a row is bad, and the columns that make it so."""
    orderly: bool = False
    """Whether later rows restate earlier ones, so that their order must stay."""


@dataclass(frozen=True)
class Truth:
    """A table of what is known of a village: one sentence, and the rows of a hamlet's life in it."""

    says: str
    rows: Callable[[Life], pa.Table]


def iso(life: Life, at: Integers, between: str = "T", end: str = "Z") -> pa.Array:
    """Return times as text in UTC: 2026-01-05T08:30:00Z."""
    text = pa.array(at + life.season.epoch).cast(pa.timestamp("s")).cast(pa.string())
    return joined(pc.replace_substring(text, " ", between), end)


def decimal(minor: Integers, mark: str = ".") -> pa.Array:
    """Return minor units as text of major units with two places; null where the amount is 0."""
    whole, rest = np.divmod(minor, 100)
    text = joined(pa.array(whole).cast(pa.string()), numbered(mark, rest, 2))
    return pc.if_else(pa.array(minor > 0), text, pa.scalar(None, pa.string()))


def phrases(kinds: list[str], kind: Integers, language: Integers, number: Integers) -> tuple[pa.Array, pa.Array]:
    """Return text and language of each row; null where `kind` is -1."""
    texts: list[str] = []
    languages: list[str] = []
    place = np.full(len(kind), -1, np.int64)
    for code, name in enumerate(kinds):
        spoken = {each["language"]: each for each in words()["phrase"] if each["kind"] == name}
        for tongue, short in enumerate(("en", "de", "fr")):
            phrase = spoken.get(short, spoken["en"])
            rows = (kind == code) & (language == tongue)
            place[rows] = len(texts) + number[rows] % len(phrase["texts"])
            texts.extend(phrase["texts"])
            languages.extend([phrase["language"]] * len(phrase["texts"]))
    return pick(texts, place), pick(languages, place)


def parents(life: Life, kind: int, parent: Integers) -> pa.Array:
    """Return the ids of the parents; null where a row has none (below 0)."""
    return pc.if_else(pa.array(parent >= 0), life.ids(kind, parent), pa.scalar(None, pa.string()))


def untidy(text: pa.Array, number: Integers) -> pa.Array:
    """Return the text with a stray blank or capital here and there, as people type it."""
    stray = pc.if_else(pa.array(number % 61 == 7), joined(text, " "), text)
    return pc.if_else(pa.array(number % 53 == 5), pc.utf8_capitalize(stray), stray)


def origin(life: Life, person: Integers, leads: Rows) -> dict[str, pa.Array]:
    """Return the columns that say what an outcome of these people came from."""
    first = life.events[leads["first"]]
    talked = first["kind"] == visits.SAID_IT
    root = life.said["root"][np.where(talked, first["cause"], 0)]
    return {
        "person": life.persons(person),
        "channel": pick([each["name"] for each in words()["channel"]], leads["channel"].astype(np.int64)),
        "origin": life.causes(first["kind"], first["cause"]),
        "origin_root": parents(life, visits.SAID_IT, np.where(talked, root, -1)),
        "first_visit": life.ids(visits.WEB, leads["first"]),
        "form": life.ids(visits.WEB, leads["submit"]),
    }
