"""A sample: the first rows of a file, and what its columns look like they hold."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from hedgerow.collect.importing.formats.rows import header_of, read_rows
from hedgerow.collect.importing.formats.texts import LINE
from hedgerow.collect.importing.formats.unpacked import Ending, blocks
from hedgerow.collect.map import Format, Reading

ROWS = 1000
_NOTHING = {None, "-", "na", "NA", "N/A", "null", "NULL"}

COMBINED = (
    r'^(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" '
    r'(?P<status>\d{3}) (?P<bytes>\S+) "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"?'
)
"""The combined log format (Apache HTTP Server, mod_log_config); a line cut short within its agent matches."""

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S %z", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = ("%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y")
_DAY_FIRST, _MONTH_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"), ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y")
_OTHERS = ("%d/%b/%Y:%H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?")
_SOME_DAY = re.compile(r"\d.*\d.*\d")
_ZONED = re.compile(r"\d{2}:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)$")


@dataclass(frozen=True)
class Sample:
    """How a file is read, and the first values of each of its columns (those that are there)."""

    reading: Reading
    columns: dict[str, list[str]]


@dataclass(frozen=True)
class Clock:
    """How a column of times is read: the map's `time`, whether it states a zone, and what is not certain."""

    time: str
    zoned: bool
    day_only: bool
    doubt: str = ""


def sample_of(file: Path) -> Sample:
    """Return a sample of the file; raises `HedgerowError` where it can't be opened or has no rows."""
    reading = _reading(file)
    names = header_of(file, reading)
    first = next(read_rows(file, reading, names, 0, 1), None)
    table = first.table.slice(0, ROWS) if first else None
    columns = {
        name: [value for value in table[name].to_pylist() if value not in _NOTHING] if table else []
        for name in names
        if name != LINE
    }
    return Sample(reading, columns)


def clock_of(values: Sequence[str]) -> Clock | None:
    """Return how the values are read as times, nothing where they are none."""
    if not values:
        return None
    if _most(values, lambda text: bool(_ISO.fullmatch(text.strip()))):
        return Clock("iso", _most(values, lambda text: bool(_ZONED.search(text))), all(len(v) <= 10 for v in values))
    for digits, name in ((10, "unix"), (13, "unix_ms")):
        if _most(values, lambda text, digits=digits: text.isdigit() and len(text) == digits):  # type: ignore[misc]
            return Clock(name, True, False)
    if not _most(values, lambda text: bool(_SOME_DAY.search(text))):
        return None
    fitting = [time for time in _patterns() if _most(values, lambda text, time=time: _reads(text, time))]  # type: ignore[misc]
    if not fitting:
        return None
    time = fitting[0]
    ambiguous = time.startswith(_DAY_FIRST) and any(other.startswith(_MONTH_FIRST) for other in fitting)
    if ambiguous:
        time = next(other for other in fitting if other.startswith(_MONTH_FIRST))
    doubt = "no day is above 12: it could as well be day/month" if ambiguous else ""
    return Clock(time, "%z" in time, not any(part in time for part in ("%H", "%I")), doubt)


def is_number(values: Sequence[str]) -> bool:
    """Return whether the values are amounts or counts."""
    return bool(values) and _most(values, lambda text: bool(re.fullmatch(r"[+-]?[$€£]?\d[\d,]*(\.\d+)?", text.strip())))


def _most(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    first = values[:20]
    return sum(map(holds, first)) >= 0.9 * len(first) and sum(map(holds, values)) >= 0.98 * len(values)


def _patterns() -> list[str]:
    days = [*_DAY_FIRST, *_MONTH_FIRST, *_DAYS]
    return [*_OTHERS, *(day + clock for day in days for clock in _CLOCKS)]


def _reads(text: str, time: str) -> bool:
    try:
        datetime.strptime(text.strip(), time)
    except ValueError:
        return False
    return True


def _reading(file: Path) -> Reading:
    """Return how the file is read, by its name and its first bytes."""
    kind = _named(file)
    if kind == "parquet":
        return Reading(format="parquet")
    head = next(iter(islice(blocks(file, "utf-8", Ending()), 1)), b"")[: 1 << 18]
    encoding = "utf-8"
    try:
        text = head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        encoding, text = "cp1252", head.decode("cp1252", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and sum(bool(re.match(COMBINED, line)) for line in lines[:100]) > len(lines[:100]) / 2:
        return Reading(format="lines", encoding=encoding, pattern=COMBINED)
    if lines and lines[0].lstrip().startswith(("{", "[")):
        return Reading(format="jsonl", encoding=encoding)
    delimiter = _delimiter(lines)
    return Reading(format="csv", encoding=encoding, delimiter=None if delimiter == "," else delimiter)


def _named(file: Path) -> Format | None:
    return "parquet" if ".parquet" in file.suffixes else None


def _delimiter(lines: Sequence[str]) -> str:
    """Return the character that cuts most lines into the same number of fields, and most of them."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines[:200], delimiter=delimiter)]
        usual = max(set(widths), key=widths.count) if widths else 1
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    return max([",", "\t", ";", "|"], key=score)
