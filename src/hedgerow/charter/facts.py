"""Facts: what a condition may ask of a lead, with what each can be; every law is proved over all of it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from hedgerow.kit import HedgerowError

Kind = Literal["number", "text", "boolean"]
Answer = bool | str | Decimal | None
Lead = Mapping[str, Answer]
"""What is known of one lead: a value for each fact; None is NULL."""

PLACES = 4
"""Decimals of a number: proof and decision count in ten-thousandths, so both are exact."""
MOST = Decimal(10**12)


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact, as `facts.toml` says it; the comment there explains each property."""

    name: str = ""
    type: Kind
    says: str
    label: str = ""
    shown: str = ""
    unknown: str = ""
    yes: str = ""
    no: str = ""
    least: Decimal = -MOST
    most: Decimal = MOST
    whole: bool = False
    values: tuple[str, ...] | None = None
    values_of: Literal["stages", "grades", "segments", ""] = ""
    grows: bool = False
    fades: bool = False
    of_stay: bool = False
    by: Literal["sales", ""] = ""

    @property
    def nullable(self) -> bool:
        """Whether the fact can be NULL."""
        return bool(self.unknown)

    @property
    def on_entry(self) -> Answer:
        """The value of a fact of the stay when a lead enters a stage."""
        starts: dict[Kind, Answer] = {"number": Decimal(0), "boolean": False, "text": None}
        return starts[self.type]

    def phrase(self, value: Answer) -> str:
        """Return the value as a small lead shows it: "score 62", "no touch yet", "opted out"."""
        if value is None:
            return self.unknown
        if isinstance(value, bool):
            return self.yes if value else self.no
        return self.shown.format(plain(value) if isinstance(value, Decimal) else value)


def plain(number: Decimal) -> str:
    """Return a number as people write it: 62, not 62.0000."""
    return f"{number:,.4f}".rstrip("0").rstrip(".")


@cache
def documented() -> dict[str, Fact]:
    """Return the facts every workspace has, by name."""
    text = files("hedgerow.charter").joinpath("facts.toml").read_bytes()
    return {name: _named(name, fact) for name, fact in msgspec.toml.decode(text, type=dict[str, Fact]).items()}


def facts(fields: Mapping[str, str], names: Mapping[str, Collection[str]]) -> dict[str, Fact]:
    """Return all facts: the documented ones and the workspace's custom `fields` (name = type).

    `names` gives the charter's own names for facts whose values they are: stages, grades, segments. A field of
    type time is asked for as `days_since_NAME`. Raises `HedgerowError` where a field has the name of a fact.
    """
    known = {
        name: msgspec.structs.replace(fact, values=tuple(names.get(fact.values_of, ()))) if fact.values_of else fact
        for name, fact in documented().items()
    }
    for field, kind in fields.items():
        fact = _custom(field, kind)
        if fact.name in known:
            raise HedgerowError(f"The custom field '{field}' has the name of a fact: give it another name.")
        known[fact.name] = fact
    return known


def _named(name: str, fact: Fact) -> Fact:
    return msgspec.structs.replace(fact, name=name)


def _custom(field: str, kind: str) -> Fact:
    words = field.replace("_", " ")
    says, unknown = f"The custom field '{field}'.", f"no {words}"
    if kind == "boolean":
        return Fact(name=field, type="boolean", says=says, yes=words, no=f"not {words}", unknown=f"{words} unknown")
    if kind == "text":
        return Fact(name=field, type="text", says=says, label=f"the {words}", shown=words + " '{}'", unknown=unknown)
    if kind == "time":
        return Fact(
            name=f"days_since_{field}", type="number", says=f"Days since the custom field '{field}'.", grows=True,
            label=f"the days since {words}", shown=words + " {} days ago", unknown=unknown,
        )  # fmt: skip
    return Fact(
        name=field, type="number", says=says, whole=kind == "integer",
        label=f"the {words}", shown=words + " {}", unknown=unknown,
    )  # fmt: skip
