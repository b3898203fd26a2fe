"""Texts: records that are a text each (JSON Lines, lines of a log) as columns of text."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

from hedgerow.collect.importing.formats.records import SHOWN, Fault, Records
from hedgerow.kit import HedgerowError

LINE = "hedgerow_line"
"""The column that says on which line a row begins."""

_SAMPLE = 1000


def matching(pattern: str) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    """Return what makes columns of lines by the named groups of `pattern`; a line that differs is a fault."""
    names = list(re.compile(pattern).groupindex)
    quoted = _string(pattern)
    found = f"regexp_extract(text, {quoted}, [{', '.join(map(_string, names))}])"
    columns = ", ".join(f"nullif(parts.{_name(name)}, '') AS {_name(name)}" for name in names)
    read = f"SELECT text, {LINE}, regexp_matches(text, {quoted}) AS matches, {found} AS parts FROM records"
    return _queried(f"SELECT {columns}, {LINE}, text, matches FROM ({read})", "it does not match the pattern")


def objects(wanted: Sequence[str]) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    """Return what makes the columns `wanted` of JSON objects, one a line; a line that is none is a fault."""
    found, columns = object_columns(wanted)
    matches = "json_valid(text) AND left(ltrim(text), 1) = '{'"
    read = f"SELECT text, {LINE}, {matches} AS matches, CASE WHEN {matches} THEN {found} END AS parts FROM records"
    return _queried(f"SELECT {columns} {LINE}, text, matches FROM ({read})", "it is no JSON object")


def object_columns(wanted: Sequence[str]) -> tuple[str, str]:
    """Return the SQL for the parts of a JSON object `text` that are `wanted`, and for columns of `parts`.

    A name with dots is a path into nested objects, or else a key that has dots in it.
    """
    paths = [path for name in wanted for path in (_path(name.split(".")), _path([name]))]
    found = f"json_extract_string(text, [{', '.join(paths)}])" if paths else "[]"
    columns = "".join(
        f"nullif(coalesce(parts[{2 * place + 1}], parts[{2 * place + 2}]), '') AS {_name(name)}, "
        for place, name in enumerate(wanted)
    )
    return found, columns


def names_of(records: Records, file: Path) -> list[str]:
    """Return the names in the first records of JSON Lines; raises `HedgerowError` for one JSON array."""
    names: dict[str, None] = {}
    texts = _strings(records)["text"].slice(0, _SAMPLE).to_pylist()
    if texts and texts[0].lstrip().startswith("["):
        raise HedgerowError(f"{file} is one JSON array: write an object a line, as `jq -c '.[]'` does.")
    for text in texts:
        try:
            names.update(dict.fromkeys(_leaves(msgspec.json.decode(text), "")))
        except (msgspec.DecodeError, RecursionError):
            continue
    return list(names)


def packed(records: Records, end: bytes = b"") -> bytes:
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
        return bytes(inside.tobytes())
    spaced = np.full(int(lengths.sum()) + len(lengths), end[0], np.uint8)
    slots = np.ones(len(spaced), bool)
    slots[np.cumsum(lengths + 1) - 1] = False
    spaced[slots] = inside
    return bytes(spaced.tobytes())


def _strings(records: Records) -> pa.Table:
    offsets = np.zeros(len(records.starts) + 1, np.int32)
    np.cumsum(records.ends - records.starts, out=offsets[1:])
    data = pa.py_buffer(packed(records))
    texts = pa.StringArray.from_buffers(len(records.starts), pa.py_buffer(offsets), data)
    return pa.table({"text": texts, LINE: records.lines})


def _queried(query: str, reason: str) -> Callable[[Records], tuple[pa.Table, list[Fault]]]:
    con = duckdb.connect(config={"memory_limit": "1GB"})

    def take(records: Records) -> tuple[pa.Table, list[Fault]]:
        con.register("records", _strings(records))
        try:
            table = con.sql(query).to_arrow_table()
        except duckdb.Error as error:
            raise HedgerowError(f"The pattern can't be used ({error}): correct it under [read].") from None
        bad = table.filter(pa.compute.invert(table["matches"]))
        faults = [
            Fault(line, reason, text[:SHOWN])
            for line, text in zip(bad[LINE].to_pylist(), bad["text"].to_pylist(), strict=True)
        ]
        return table.filter(table["matches"]).drop_columns(["text", "matches"]), faults

    return take


def _leaves(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif path:
        yield path


def _path(parts: Sequence[str]) -> str:
    return _string("$." + ".".join('"' + part.replace('"', "") + '"' for part in parts))


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
