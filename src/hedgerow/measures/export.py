"""An answer as a file: CSV, JSON or Parquet, money in minor units beside its currency."""

import csv
import io

import msgspec
import pyarrow.parquet as pq

from hedgerow.kit import HedgerowError, nearest
from hedgerow.measures import in_words
from hedgerow.measures.measure import Answer

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(answer: Answer, format: str) -> bytes:
    """Return the rows of an answer as a file of `format`; raises `HedgerowError` for one that is unknown.

    CSV and JSON give money in major units as a number with all its places; Parquet keeps minor units.
    """
    if format not in FORMATS:
        raise HedgerowError(f"No format is called '{format}'.{nearest(format, (*FORMATS, 'table'))}")
    if format == "parquet":
        out = io.BytesIO()
        pq.write_table(answer.rows, out)
        return out.getvalue()
    rows = plain_rows(answer)
    return (
        msgspec.json.Encoder(decimal_format="number").encode(rows) + b"\n" if format == "json" else _csv(answer, rows)
    )


def plain_rows(answer: Answer) -> list[dict[str, object]]:
    """Return the rows as plain values: money as a decimal of major units, days as dates, nothing as None."""
    return [
        {column.name: in_words.plain(row, column) for column in answer.measure.columns}
        for row in answer.rows.to_pylist()
    ]


def _csv(answer: Answer, rows: list[dict[str, object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in answer.measure.columns])
    writer.writerows([[_safe(value) for value in row.values()] for row in rows])
    return out.getvalue().encode("utf-8")


def _safe(value: object) -> object:
    # A spreadsheet runs text that begins like a formula.
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
