"""An answer as a file: CSV, JSON or Parquet, money in minor units beside its currency."""

import io

import msgspec
import pyarrow.parquet as pq

from hedgerow.kit import HedgerowError, nearest
from hedgerow.kit.spreadsheet import to_csv
from hedgerow.measures import in_words
from hedgerow.measures.measure import Answer

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


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
    if format == "json":
        return msgspec.json.Encoder(decimal_format="number").encode(rows) + b"\n"
    return to_csv([column.name for column in answer.measure.columns], (row.values() for row in rows))


def plain_rows(answer: Answer) -> list[dict[str, object]]:
    """Return the rows as plain values: money as a decimal of major units, days as dates, nothing as None."""
    return [
        {column.name: in_words.plain(row, column) for column in answer.measure.columns}
        for row in answer.rows.to_pylist()
    ]
