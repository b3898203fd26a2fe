"""The files: exports written out with everything that goes wrong in life, and the truth beside them."""

import gzip
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from hedgerow.kit.money import Integers
from hedgerow.village.life import Export, Sheet
from hedgerow.village.season import DAY
from hedgerow.village.villagers import Chance, numbered, pick

MESS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("id", pa.string()),
        ("kind", pa.string()),
        ("why", pa.string()),
    ]
)
"""What is odd: the file, the data row (from 1; a line of JSON Lines), the sender's id, one of repeat, bad,
bot and typo, and why."""

_REPEATED = 200
_BAD = 20_000
_CUT_OFF = '{"event_id":"cut-off","sent_at":"20'


class Files:
    """The files of one village, written a hamlet at a time; complete once the context is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {}
        self.rows: dict[str, int] = {}
        """How many data rows each file has by now."""

    def __enter__(self) -> "Files":
        (self._folder / "truth").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *failure: object) -> None:
        self._stack.close()

    def export(self, chance: Chance, sheet: Sheet, export: Export) -> None:
        """Write a sheet to its file, muddled, and what is odd about its rows to the truth."""
        table, mess = muddled(chance, sheet, export, self.rows.get(export.file, 0))
        self._write(export.file, table)
        self.truth("mess", mess)

    def truth(self, name: str, table: pa.Table) -> None:
        """Append rows to a table of the truth."""
        self._write(f"truth/{name}.parquet", table)

    def cut_off(self, file: str) -> None:
        """End a file of lines in the midst of one, as a sender that ran out of disk does."""
        self._writers[file].write_text(_CUT_OFF)
        self.rows[file] += 1
        odd = [[file], [self.rows[file]], [None], ["bad"], ["the line is cut off"]]
        self.truth("mess", pa.table(odd, schema=MESS))

    def _write(self, file: str, table: pa.Table) -> None:
        if file not in self._writers:
            self._writers[file] = self._stack.enter_context(_writer(self._folder / file, table.schema))
        self._writers[file].write_table(table)
        self.rows[file] = self.rows.get(file, 0) + len(table)


def _writer(path: Path, schema: pa.Schema) -> Any:
    if path.suffix == ".parquet":
        return pyarrow.parquet.ParquetWriter(path, schema)
    if path.suffix == ".gz":
        return _Lines(path)
    tab = "\t" if path.suffix == ".tsv" else ","
    options = pyarrow.csv.WriteOptions(delimiter=tab, quoting_style="needed")
    return pyarrow.csv.CSVWriter(path, schema, write_options=options)


class _Lines:
    """A gzipped file of JSON Lines; no name and no time in its header, so that equal rows are equal bytes."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb")
        self._file = gzip.GzipFile("", "wb", 1, self._raw, 0)
        self._engine = duckdb.connect()

    def __enter__(self) -> "_Lines":
        return self

    def __exit__(self, *failure: object) -> None:
        self._engine.close()
        self._file.close()
        self._raw.close()

    def write_table(self, table: pa.Table) -> None:
        self._engine.register("line", table)
        written = self._engine.sql("SELECT CAST(to_json(line) AS VARCHAR) || chr(10) AS line FROM line")
        for chunk in written.to_arrow_table().column("line").cast(pa.large_string()).chunks:
            # The lines of an Arrow string column lie end to end: they are the file already.
            ends = np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
            self._file.write(memoryview(chunk.buffers()[2])[ends[0] : ends[-1]])

    def write_text(self, text: str) -> None:
        self._file.write(text.encode())


def muddled(chance: Chance, sheet: Sheet, export: Export, before: int) -> tuple[pa.Table, pa.Table]:
    """Return the sheet's rows as they arrive, and what is odd (`MESS`), counting rows from `before`.

    Some rows are sent twice, some are late, some bad ones are among them. In an orderly export, one whose
    later rows restate earlier ones, a repeat follows its row at once and nothing is late.
    """
    marks, count = list(sheet.marks), len(sheet.table)
    again = np.sort(chance.choice(count, min(count, 1 + count // _REPEATED), replace=False))
    parts, at = [sheet.table, sheet.table.take(pa.array(again))], [sheet.at, sheet.at[again]]
    marks.append((count + np.arange(len(again)), "repeat", "the same row was sent before"))
    size = 1 + count // _BAD
    for number, (why, values) in enumerate(export.bad if count else ()):
        rows = chance.integers(0, count, size)
        begins = sum(len(part) for part in parts)
        parts.append(_spoilt(sheet.table.take(pa.array(rows)), f"x-{sheet.name}-{number}-{before}-", values))
        at.append(sheet.at[rows])
        marks.append((np.arange(begins, begins + size), "bad", why))
    table, times = pa.concat_tables(parts), np.concatenate(at)
    order = np.argsort(times if export.orderly else _late(chance, times, again, count), kind="stable")
    table = table.take(pa.array(order)).combine_chunks()
    return table, _odd(export.file, table, order, marks, before)


def _late(chance: Chance, at: Integers, again: Integers, count: int) -> Integers:
    draw = chance.random(len(at))
    delay = np.where(draw < 0.05, chance.integers(0, 3 * 3600, len(at)), 0)
    delay = np.where(draw < 0.02, chance.integers(DAY, 6 * DAY, len(at)), delay)
    # What is sent twice comes again after its first time.
    delay[count : count + len(again)] = delay[again] + chance.integers(1, 2 * DAY, len(again))
    return np.asarray(at + delay, np.int64)


def _spoilt(rows: pa.Table, prefix: str, values: dict[str, str | None]) -> pa.Table:
    ids = {rows.column_names[0]: numbered(prefix, np.arange(len(rows)), 3)}
    for name, value in (ids | values).items():
        column = value if isinstance(value, pa.Array) else pa.array([value] * len(rows), pa.string())
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _odd(file: str, table: pa.Table, order: Integers, marks: list[tuple[Integers, str, str]], before: int) -> pa.Table:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    rows = np.concatenate([place[which] for which, _, _ in marks])
    mark = np.repeat(np.arange(len(marks)), [len(which) for which, _, _ in marks])
    sequence = np.argsort(rows, kind="stable")
    rows, mark = rows[sequence], mark[sequence]
    columns = [
        pick([file], np.zeros(len(rows), np.int64)),
        pa.array(before + 1 + rows),
        table.column(0).combine_chunks().take(pa.array(rows)),
        pick([kind for _, kind, _ in marks], mark),
        pick([why for _, _, why in marks], mark),
    ]
    return pa.table(columns, schema=MESS)
