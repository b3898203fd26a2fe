"""Rows: records of each format as columns of text, an empty field being nothing."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as pacsv

from hedgerow.collect.map import Reading
from hedgerow.collect.records import LONGEST, Cut, Fault, Records, read_records
from hedgerow.kit import HedgerowError

_GROUPS = 100_000


@dataclass(frozen=True)
class Rows:
    """A chunk of a file: columns of text and `line` (int64), what could not be read, and where to go on."""

    table: pa.Table
    faults: list[Fault]
    text: Callable[[Sequence[int]], list[str]]
    """The rows that begin on these lines, as they stand in the file."""
    upto: int
    line: int
    size: int


def read_rows(file: Path, reading: Reading, wanted: Sequence[str], upto: int, line: int) -> Iterator[Rows]:
    """Yield a file's rows from byte `upto`, which lies on `line`; `wanted` are the columns a map reads.

    Raises `HedgerowError` where the file can't be opened or has no header.
    """
    if not file.is_file():
        raise HedgerowError(f"There is no file {file}: name one that is there.")
    kind = reading.kind(file)
    if kind == "parquet":
        yield from _parquet(file, wanted, upto)
    elif kind in ("csv", "tsv"):
        yield from _separated(file, reading, upto, line)
    else:
        take = _lines_matching(reading) if kind == "lines" else _json(wanted)
        for records in read_records(file, reading.encoding, Cut(), upto, line):
            yield _rows(records, *take(records))


def header_of(file: Path, reading: Reading) -> list[str]:
    """Return the names of a file's columns; for JSON Lines those of its first rows, nested ones with dots."""
    kind = reading.kind(file)
    if kind == "parquet":
        return list(_opened(file).schema_arrow.names)
    if kind == "lines":
        return list(re.compile(reading.pattern).groupindex)
    if kind == "jsonl":
        return _json_names(file, reading)
    return reading.columns or _header(file, reading)[0]


def _rows(records: Records, table: pa.Table, faults: list[Fault]) -> Rows:
    def text(lines: Sequence[int]) -> list[str]:
        return [records.text(line) for line in lines]

    return Rows(table, [*records.faults, *faults], text, records.upto, records.line, len(records.data))


def _separated(file: Path, reading: Reading, upto: int, line: int) -> Iterator[Rows]:
    names, start, first = (reading.columns, 0, 1) if reading.columns else _header(file, reading)
    names = _distinct(names)
    cut = Cut(reading.quote, reading.separator(file))
    if upto < start:
        upto, line = start, first
    for records in read_records(file, reading.encoding, cut, upto, line):
        yield _rows(records, *_parsed(records, names, cut))


def _header(file: Path, reading: Reading) -> tuple[list[str], int, int]:
    """Return the names, and at which byte and line the rows begin."""
    cut = Cut(reading.quote, reading.separator(file))
    for records in read_records(file, reading.encoding, cut):
        if len(records.starts) <= reading.skip:
            break
        place = reading.skip
        text = records.data[records.starts[place] : records.ends[place]].decode("utf-8")
        more = place + 1 < len(records.starts)
        begins = int(records.starts[place + 1]) if more else records.upto
        line = int(records.lines[place + 1]) if more else records.line
        return [name.strip() for name in _fields(text, cut)], begins, line
    raise HedgerowError(f"{file} has no header: name a file that has one, or say columns = [...] under [read].")


def _distinct(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    answer = []
    for place, name in enumerate(names, 1):
        name = name or f"column_{place}"
        seen[name] = seen.get(name, 0) + 1
        answer.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return answer


def _fields(text: str, cut: Cut) -> list[str]:
    csv.field_size_limit(2 * LONGEST)
    quoting = {"quotechar": cut.quote} if cut.quote else {"quoting": csv.QUOTE_NONE}
    return next(csv.reader([text], delimiter=cut.delimiter, **quoting), [])  # type: ignore[arg-type]


def _parsed(records: Records, names: list[str], cut: Cut) -> tuple[pa.Table, list[Fault]]:
    """Return the fields of delimited records; those with too few or too many fields are faults."""
    wrong: list[tuple[int | None, str]] = []

    def note(row: pacsv.InvalidRow) -> str:
        wrong.append((row.number, row.text))
        return "skip"

    body = _packed(records, b"\n")
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
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return _one_by_one(records, names, cut)
    numbers = [number for number, _ in wrong if number is not None]
    if len(numbers) < len(wrong) or len(table) + len(wrong) != len(records.starts):
        return _one_by_one(records, names, cut)
    good = np.ones(len(records.starts), bool)
    good[np.array(numbers, np.int64) - 1] = False
    faults = [
        Fault(int(records.lines[number - 1]), _miscounted(len(_fields(text, cut)), names), text[:2000])
        for number, (_, text) in zip(numbers, wrong, strict=True)
    ]
    return table.append_column("line", pa.array(records.lines[good])), faults


def _miscounted(count: int, names: list[str]) -> str:
    return f"it has {count} fields where the header has {len(names)}"


def _packed(records: Records, end: bytes = b"") -> bytes:
    """Return the records with nothing between them but `end`, a byte or none."""
    lengths = records.ends - records.starts
    if not len(lengths):
        return b""
    buffer = np.frombuffer(records.data, np.uint8)
    edges = np.zeros(int(records.ends[-1]) + 1, np.int8)
    edges[records.starts] += 1
    edges[records.ends] -= 1
    inside = buffer[: len(edges) - 1][np.cumsum(edges, dtype=np.int8).astype(bool)[:-1]]
    if not end:
        return inside.tobytes()
    packed = np.full(int(lengths.sum()) + len(lengths), end[0], np.uint8)
    slots = np.ones(len(packed), bool)
    slots[np.cumsum(lengths + 1) - 1] = False
    packed[slots] = inside
    return packed.tobytes()


def _one_by_one(records: Records, names: list[str], cut: Cut) -> tuple[pa.Table, list[Fault]]:
    """Return the fields of a chunk that has faults in it, each record read for itself."""
    rows, lines, faults = [], [], []
    for start, stop, line in zip(records.starts.tolist(), records.ends.tolist(), records.lines.tolist(), strict=True):
        text = records.data[start:stop].decode("utf-8")
        fields = _fields(text, cut)
        if len(fields) == len(names):
            rows.append([field or None for field in fields])
            lines.append(line)
        else:
            faults.append(Fault(line, _miscounted(len(fields), names), text[:2000]))
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table([*arrays, pa.array(lines, pa.int64())], names=[*names, "line"]), faults


def _as_strings(records: Records) -> pa.Table:
    offsets = np.zeros(len(records.starts) + 1, np.int32)
    np.cumsum(records.ends - records.starts, out=offsets[1:])
    data = pa.py_buffer(_packed(records))
    texts = pa.StringArray.from_buffers(len(records.starts), pa.py_buffer(offsets), data)
    return pa.table({"text": texts, "line": records.lines})


def _lines_matching(reading: Reading) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    names = list(re.compile(reading.pattern).groupindex)
    pattern = "'" + reading.pattern.replace("'", "''") + "'"
    listed = ", ".join(f"'{name}'" for name in names)
    columns = ", ".join(f'nullif(parts."{name}", \'\') AS "{name}"' for name in names)
    query = (
        f"SELECT {columns}, line, text, matches FROM (SELECT text, line, regexp_matches(text, {pattern}) AS matches, "
        f"regexp_extract(text, {pattern}, [{listed}]) AS parts FROM records)"
    )
    return _queried(query, "it does not match the pattern")


def _json(wanted: Sequence[str]) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    def path(name: str) -> str:
        inner = ".".join(f'"{part}"' for part in name.replace("'", "").replace('"', "").split("."))
        return f"nullif(CASE WHEN matches THEN json_extract_string(text, '$.{inner}') END, '') AS \"{name}\""

    columns = ", ".join(path(name) for name in wanted)
    query = (
        f"SELECT {columns}, line, text, matches FROM (SELECT text, line, "
        f"json_valid(text) AND left(ltrim(text), 1) = '{{' AS matches FROM records)"
    )
    return _queried(query, "it is no JSON object")


def _queried(query: str, reason: str) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    con = duckdb.connect(config={"memory_limit": "1GB"})

    def take(records: Records) -> tuple[pa.Table, list[Fault]]:
        con.register("records", _as_strings(records))
        table = con.sql(query).to_arrow_table()
        bad = table.filter(pa.compute.invert(table["matches"]))
        faults = [
            Fault(line, reason, text[:2000])
            for line, text in zip(bad["line"].to_pylist(), bad["text"].to_pylist(), strict=True)
        ]
        return table.filter(table["matches"]).drop_columns(["text", "matches"]), faults

    return take


def _json_names(file: Path, reading: Reading) -> list[str]:
    names: dict[str, None] = {}
    for records in read_records(file, reading.encoding, Cut()):
        for text in _as_strings(records)["text"].slice(0, 1000).to_pylist():
            try:
                names.update(dict.fromkeys(_paths(msgspec.json.decode(text), "")))
            except msgspec.DecodeError:
                continue
        break
    return list(names)


def _paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif path:
        yield path


def _opened(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise HedgerowError(f"{file} can't be read as Parquet ({error}): name a file that can.") from None


def _parquet(file: Path, wanted: Sequence[str], upto: int) -> Iterator[Rows]:
    opened = _opened(file)
    names = [name for name in wanted if name in opened.schema_arrow.names]
    con = duckdb.connect(config={"memory_limit": "1GB"})
    con.execute("SET TimeZone = 'UTC'")
    done = 0
    listed = ", ".join(f'nullif(CAST("{name}" AS VARCHAR), \'\') AS "{name}"' for name in names) or "NULL AS nothing"
    for batch in opened.iter_batches(_GROUPS, columns=names or None):
        begin, done = done, done + len(batch)
        if done <= upto:
            continue
        con.register("records", pa.table(batch))
        table = con.sql(f"SELECT {listed} FROM records").to_arrow_table()
        table = table.append_column("line", pa.array(np.arange(begin + 1, done + 1)))

        def text(lines: Sequence[int], table: pa.Table = table, begin: int = begin) -> list[str]:
            return [str(row) for row in table.take(pa.array([line - begin - 1 for line in lines])).to_pylist()]

        yield Rows(table, [], text, done, done + 1, batch.nbytes)
