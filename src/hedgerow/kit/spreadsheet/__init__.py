"""A spreadsheet's file: rows as CSV that no spreadsheet runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows under their columns' names, in UTF-8; a text that begins like a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[_safe(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8")


def _safe(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
