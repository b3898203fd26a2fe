"""Rows: the records of each format as columns of text, an empty field being nothing."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hedgerow.collect.importing.formats import parquet, separated, texts
from hedgerow.collect.importing.formats.records import Cut, Fault, Records, read_records
from hedgerow.collect.map import Reading
from hedgerow.kit import HedgerowError


@dataclass(frozen=True)
class Rows:
    """A chunk of a file: columns of text and `LINE` (int64), what could not be read, and where to go on."""

    table: pa.Table
    faults: list[Fault]
    text: Callable[[Sequence[int]], list[str]]
    """The rows that begin on these lines, as they stand in the file."""
    upto: int
    line: int


def read_rows(file: Path, reading: Reading, wanted: Sequence[str], upto: int, line: int) -> Iterator[Rows]:
    """Yield a file's rows from byte `upto`, which lies on `line`; `wanted` are the columns a map reads.

    Raises `HedgerowError` where the file can't be opened or has no header.
    """
    kind = reading.kind(file)
    if kind == "parquet":
        for part in parquet.read(file, wanted, upto):
            yield Rows(part.table, [], part.text, part.upto, part.upto + 1)
        return
    cut = _cut_of(file, reading)
    names, start, first = _start(file, reading, cut)
    if upto < start:
        upto, line = start, first
    if kind in ("csv", "tsv"):
        take = separated.taker(separated.distinct(names), cut)
    else:
        take = texts.matching(reading.pattern) if kind == "lines" else texts.objects(wanted)
    for records in read_records(file, reading.encoding, cut, upto, line):
        table, faults = take(records)
        yield Rows(table, [*records.faults, *faults], _text_of(records), records.upto, records.line)


def header_of(file: Path, reading: Reading) -> list[str]:
    """Return the names of a file's columns; for JSON Lines those of its first rows, nested ones with dots.

    Raises `HedgerowError` where the file can't be opened, is empty, or has no header.
    """
    if not file.is_file():
        raise HedgerowError(f"There is no file {file}: name one that is there.")
    kind = reading.kind(file)
    if kind == "parquet":
        return parquet.names_of(file)
    if kind == "lines":
        return list(re.compile(reading.pattern).groupindex)
    cut = _cut_of(file, reading)
    names, start, line = _start(file, reading, cut)
    if kind == "jsonl":
        first = next(read_records(file, reading.encoding, cut, start, line), None)
        return texts.names_of(first, file) if first else []
    return separated.distinct(names)


def _cut_of(file: Path, reading: Reading) -> Cut:
    if reading.kind(file) in ("csv", "tsv"):
        return Cut(reading.quote, reading.separator(file))
    return Cut()


def _text_of(records: Records) -> Callable[[Sequence[int]], list[str]]:
    return lambda lines: [records.text(line) for line in lines]


def _start(file: Path, reading: Reading, cut: Cut) -> tuple[list[str], int, int]:
    """Return the names of the columns, and at which byte and line the rows begin: behind what is skipped."""
    headed = reading.kind(file) in ("csv", "tsv") and not reading.columns
    before = reading.skip + headed
    if not before:
        return reading.columns, 0, 1
    for records in read_records(file, reading.encoding, cut):
        if records.faults and (len(records.starts) < before or records.faults[0].line <= records.lines[before - 1]):
            raise HedgerowError(f"The header of {file} can't be read ({records.faults[0].reason}).")
        if len(records.starts) < before:
            break
        text = records.data[records.starts[before - 1] : records.ends[before - 1]].decode("utf-8")
        more = before < len(records.starts)
        begins = int(records.starts[before]) if more else records.upto
        line = int(records.lines[before]) if more else records.line
        names = [name.strip() for name in separated.fields_of(text, cut)] if headed else reading.columns
        return names, begins, line
    raise HedgerowError(f"{file} has no header: name a file that has one, or say columns = [...] under [read].")


__all__ = ["Fault", "Rows", "header_of", "read_rows"]
