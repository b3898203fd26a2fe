"""Separated: delimited records (CSV, TSV and their kin) as columns of text."""

import csv
import io
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from pyarrow import csv as pacsv

from hedgerow.collect.importing.formats.records import LONGEST, SHOWN, Cut, Fault, Records
from hedgerow.collect.importing.formats.texts import LINE, packed

Taker = Callable[[Records], tuple[pa.Table, list[Fault]]]


def taker(names: Sequence[str], cut: Cut) -> Taker:
    """Return what makes columns of records; those with too few or too many fields are faults."""

    def take(records: Records) -> tuple[pa.Table, list[Fault]]:
        return _together(records, list(names), cut) or _one_by_one(records, list(names), cut)

    return take


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names, each once whatever its case: an empty one by its place, a second one with a number."""
    seen, answer, stated = {LINE}, [], {name.lower() for name in names}
    for place, name in enumerate(names, 1):
        stem = new = name or f"column_{place}"
        number = 1
        while new.lower() in seen or (new != name and new.lower() in stated):
            number += 1
            new = f"{stem}_{number}"
        seen.add(new.lower())
        answer.append(new)
    return answer


def fields_of(text: str, cut: Cut) -> list[str]:
    """Return the fields of one record."""
    csv.field_size_limit(2 * LONGEST)
    lines = io.StringIO(text, newline="")
    if cut.quote:
        return next(csv.reader(lines, delimiter=cut.delimiter, quotechar=cut.quote), [])
    return next(csv.reader(lines, delimiter=cut.delimiter, quoting=csv.QUOTE_NONE), [])


def _together(records: Records, names: list[str], cut: Cut) -> tuple[pa.Table, list[Fault]] | None:
    """Return the columns of a chunk read at once; nothing where its faults do not tell which rows they are."""
    wrong: list[tuple[int | None, str]] = []

    def note(row: pacsv.InvalidRow) -> str:
        wrong.append((row.number, row.text))
        return "skip"

    body = packed(records, b"\n")
    texts = dict.fromkeys(names, pa.string())
    try:
        table = pacsv.read_csv(
            io.BytesIO(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=len(body) + 1, use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=cut.delimiter,
                quote_char=cut.quote or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pacsv.ConvertOptions(column_types=texts, strings_can_be_null=True, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
    numbers = [number for number, _ in wrong if number is not None]
    if len(numbers) < len(wrong) or len(table) + len(wrong) != len(records.starts):
        return None
    good = np.ones(len(records.starts), bool)
    good[np.array(numbers, np.int64) - 1] = False
    faults = [
        Fault(int(records.lines[number - 1]), _miscounted(len(fields_of(text, cut)), names), text[:SHOWN])
        for number, (_, text) in zip(numbers, wrong, strict=True)
    ]
    return table.append_column(LINE, pa.array(records.lines[good])), faults


def _miscounted(count: int, names: list[str]) -> str:
    return f"it has {count} fields where the header has {len(names)}"


def _one_by_one(records: Records, names: list[str], cut: Cut) -> tuple[pa.Table, list[Fault]]:
    """Return the columns of a chunk that has faults in it, each record read for itself."""
    rows, lines, faults = [], [], []
    places = zip(records.starts.tolist(), records.ends.tolist(), records.lines.tolist(), strict=True)
    for start, stop, line in places:
        text = records.data[start:stop].decode("utf-8")
        fields = fields_of(text, cut)
        if len(fields) == len(names):
            rows.append([field or None for field in fields])
            lines.append(line)
        else:
            faults.append(Fault(line, _miscounted(len(fields), names), text[:SHOWN]))
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table([*arrays, pa.array(lines, pa.int64())], names=[*names, LINE]), faults
