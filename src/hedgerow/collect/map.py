"""A map: which column of a file is what, in plain expressions; the same maps serve imports and webhooks."""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import msgspec

from hedgerow.kit import HedgerowError, money, nearest
from hedgerow.kit.expression import columns_of

Format = Literal["csv", "tsv", "jsonl", "lines", "parquet"]
KINDS = ("touch", "spend", "deal")
TIMES = ("iso", "unix", "unix_ms")
"""The ways to read times that have a name; any other is a pattern such as %d/%m/%Y."""

_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".log": "lines",
    ".parquet": "parquet",
}

FIELDS: dict[str, tuple[str, ...]] = {
    "touch": (
        "when", "id", "occurred_at", "verb", "actor", "claims", "account", "channel", "medium", "campaign", "url",
        "referrer", "user_agent", "object", "parent", "relation", "title", "text", "language", "value", "currency",
        "properties", "fields",
    ),
    "spend": (
        "when", "spent_on", "channel", "medium", "campaign", "key", "cost", "currency", "impressions", "clicks",
        "reported_leads", "reported_orders", "reported_revenue",
    ),
    "deal": (
        "when", "id", "name", "account", "people", "stage", "won", "amount", "currency", "owner", "opened_at",
        "closed_at", "changed_at",
    ),
}  # fmt: skip
"""What a section of each kind may say; each is an expression over the file's columns."""

_NEEDED = {
    "touch": ("occurred_at", "verb", "actor"),
    "spend": ("spent_on", "cost"),
    "deal": ("id", "stage"),
}


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[read]: how the file is written, and how its times and money are to be read."""

    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    quote: str = '"'
    columns: list[str] = []
    skip: int = 0
    pattern: str = ""
    time: str = "iso"
    zone: str | None = None
    currency: str | None = None
    decimal: str = "."
    thousands: str = ""

    def kind(self, file: Path) -> Format:
        """Return the format of a file: the one that is said, else the one its name ends in."""
        if self.format:
            return self.format
        for ending in reversed(file.suffixes):
            if ending.lower() in _ENDINGS:
                return _ENDINGS[ending.lower()]
        raise HedgerowError(f"The name {file.name} tells no format: say format = 'csv' under [read] in the map.")

    def separator(self, file: Path) -> str:
        """Return the character between two fields."""
        return self.delimiter or ("\t" if self.kind(file) == "tsv" else ",")


class Map(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A map as it is written; each section of `touch`, `spend` and `deal` makes an entry of a row."""

    source: str
    says: str = ""
    read: Reading = Reading()
    touch: list[dict[str, Any]] = []
    spend: list[dict[str, Any]] = []
    deal: list[dict[str, Any]] = []

    def sections(self, kind: str) -> list[dict[str, Any]]:
        """Return the sections of a kind; raises `HedgerowError` where the map has none."""
        listed: list[dict[str, Any]] = getattr(self, kind)
        if not listed:
            raise HedgerowError(f"The map has no [[{kind}]] section: add one that says which column is what.")
        return listed


def load_map(file: Path) -> Map:
    """Return the map in `file`; raises `HedgerowError` for what it can't say, with the nearest name."""
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
        found = msgspec.convert(raw, Map)
    except FileNotFoundError:
        raise HedgerowError(f"There is no map {file}: `hedgerow import guess FILE` proposes one.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise HedgerowError(f"The map {file} can't be read ({error}): correct it.") from None
    _check(found, file)
    return found


def wanted_columns(found: Map, kind: str) -> list[str]:
    """Return the columns that the sections of a kind read, in order, each once."""
    texts = [text for section in found.sections(kind) for text in _expressions(section)]
    return list(dict.fromkeys(name for text in texts for name in columns_of(text)))


def _check(found: Map, file: Path) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", found.source) or found.source == "hedgerow":
        raise HedgerowError(f"The map {file} has the source '{found.source}': use another name in small letters.")
    read = found.read
    if read.currency and read.currency not in money.EXPONENTS:
        raise HedgerowError(f"No currency is called '{read.currency}'.{nearest(read.currency, money.EXPONENTS)}")
    if read.zone and read.zone not in available_timezones():
        raise HedgerowError(f"No zone is called '{read.zone}'.{nearest(read.zone, available_timezones())}")
    if read.time not in TIMES and "%" not in read.time:
        raise HedgerowError(f"No way to read times is called '{read.time}'.{nearest(read.time, TIMES)}")
    if read.skip < 0:
        raise HedgerowError(f"skip in the map {file} is {read.skip}: say how many records come before the rows.")
    for name in ("delimiter", "quote"):
        if len(getattr(read, name) or "") > 1:
            raise HedgerowError(f"{name} in the map {file} must be one character: correct it.")
    try:
        if read.format == "lines" and not re.compile(read.pattern).groupindex:
            raise HedgerowError(f"The map {file} reads lines: give a pattern with named groups (?P<name>…).")
    except re.error as error:
        raise HedgerowError(f"The pattern in the map {file} can't be read ({error}): correct it.") from None
    for kind in KINDS:
        for section in getattr(found, kind):
            _check_section(section, kind, file)


def _check_section(section: dict[str, Any], kind: str, file: Path) -> None:
    for name in section:
        if name not in FIELDS[kind]:
            raise HedgerowError(f"[[{kind}]] in {file} says '{name}'.{nearest(name, FIELDS[kind])}")
    for name in _NEEDED[kind]:
        if name not in section:
            raise HedgerowError(f"[[{kind}]] in {file} does not say '{name}': add which column it is.")
    for name, value in section.items():
        listed, named = name in ("claims", "people"), name in ("properties", "fields")
        kinds = list if listed else dict if named else str
        if not isinstance(value, kinds) or not all(isinstance(text, str) for text in _texts(value)):
            shape = "a list of expressions" if listed else "a table of expressions" if named else "an expression"
            raise HedgerowError(f"'{name}' in [[{kind}]] of {file} must be {shape}, in quotes: correct it.")


def _texts(value: object) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]


def _expressions(section: dict[str, Any]) -> list[str]:
    return [text for value in section.values() for text in _texts(value)]
