"""Parquet: a file's rows as columns of text, a hundred thousand at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hedgerow.collect.importing.formats.texts import LINE
from hedgerow.kit import HedgerowError

GROUP = 100_000


@dataclass(frozen=True)
class Part:
    """Some rows: their table, what shows rows by number, and up to which row they reach."""

    table: pa.Table
    text: Callable[[Sequence[int]], list[str]]
    upto: int


def names_of(file: Path) -> list[str]:
    """Return the names of the columns; raises `HedgerowError` where the file is no Parquet."""
    return list(_opened(file).schema_arrow.names)


def read(file: Path, wanted: Sequence[str], upto: int) -> Iterator[Part]:
    """Yield the rows behind row `upto`, the columns `wanted` that are there; a row's line is its number."""
    opened = _opened(file)
    names = [name for name in wanted if name in opened.schema_arrow.names]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    listed = ", ".join(f"nullif(CAST({name} AS VARCHAR), '') AS {name}" for name in quoted) or "NULL AS nothing"
    con = duckdb.connect(config={"memory_limit": "1GB"})
    con.execute("SET TimeZone = 'UTC'")
    done = 0
    for batch in opened.iter_batches(GROUP, columns=names or None):
        begin, done = done, done + len(batch)
        if done <= upto:
            continue
        try:
            con.register("records", pa.table(batch))
            table = con.sql(f"SELECT {listed} FROM records").to_arrow_table()
        except (duckdb.Error, pa.ArrowException) as error:
            raise HedgerowError(f"A column of {file} can't be read as text ({error}): leave it out.") from None
        table = table.append_column(LINE, pa.array(np.arange(begin + 1, done + 1)))
        yield Part(table, _shown(table, begin), done)
    con.close()


def _shown(table: pa.Table, begin: int) -> Callable[[Sequence[int]], list[str]]:
    return lambda lines: [str(row) for row in table.take(pa.array([line - begin - 1 for line in lines])).to_pylist()]


def _opened(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise HedgerowError(f"{file} can't be read as Parquet ({error}): name a file that can.") from None
