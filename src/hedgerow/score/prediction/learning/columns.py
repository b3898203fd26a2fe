"""Columns: what a table's columns mean to a model: numbers, ages, or categories, learned once and kept with it."""

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError
from hedgerow.score.prediction.learning.quality import PARTS, Floats

LEAST = 10
"""Rows that a value needs to be a category of its own; rarer ones are one together."""
OTHER = "(other)"
_DAY = 86_400e6
_OWN = 0.5
"""The share of distinct values from which a text names the row rather than describes it."""
_FEW = 50
_BLANKS = ("", "-", "?", "n/a", "na", "nan", "null", "select", "(select)", "please select", "choose", "not specified")


class Column(msgspec.Struct, frozen=True):
    """A column as a model reads it; `categories` are in the order of their codes, each as it is mostly spelled.

    `shares` are the distribution it was learned with, over `edges` (numbers) or codes, nothing stated last.
    """

    name: str
    kind: Literal["number", "age", "category"]
    categories: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()


class Left(msgspec.Struct, frozen=True):
    """A column that was left out, and why."""

    name: str
    why: str


def learn(table: pa.Table, names: Iterable[str], at: str) -> tuple[tuple[Column, ...], tuple[Left, ...]]:
    """Return the columns among `names` that a model can read, and those left out with the reason.

    A time is an age, in days before the row's own time `at`. Spellings that differ in case and blanks alone are one
    category, and a form's "Select" is nothing stated. Values of fewer than `LEAST` rows are never kept.
    """
    columns, left = [], []
    for name in names:
        found = _learned(table, name, at)
        if isinstance(found, Left):
            left.append(found)
        else:
            code = encode((found,), table, at)[:, 0]
            edges = edges_of(code) if found.kind != "category" else np.arange(len(found.categories) + 1) - 0.5
            kept = (found.categories, tuple(edges.tolist()), tuple(shares_of(code, edges).tolist()))
            columns.append(Column(found.name, found.kind, *kept))
    return tuple(columns), tuple(left)


def encode(columns: Iterable[Column], table: pa.Table, at: str) -> Floats:
    """Return (n, k) what each row has in each column, as numbers and codes; NaN where nothing is stated.

    Raises `HedgerowError` where the table lacks a column, or has words where numbers were learned.
    """
    made = [_encoded(column, table, at) for column in columns]
    return np.column_stack(made) if made else np.zeros((len(table), 0))


def plain(values: pa.ChunkedArray) -> pa.Array:
    """Return texts in small letters with single blanks; null where a form's own word says nothing was chosen."""
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string()).combine_chunks()))
    texts = pc.replace_substring_regex(texts, r"\s+", " ")
    return pc.if_else(pc.is_in(texts, pa.array(_BLANKS)), pa.scalar(None, pa.string()), texts)


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column is of words, however it is stored."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_time(kind: pa.DataType) -> bool:
    """Return whether a column is of instants or days."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def microseconds_of(table: pa.Table, name: str) -> Floats:
    """Return (n,) the instants of a time column in microseconds since 1970 UTC, NaN where none is stated.

    Raises `HedgerowError` where there is no such column of times.
    """
    if name not in table.column_names or not is_time(table[name].type):
        raise HedgerowError(f"These rows have no column '{name}' of times, from which ages are counted: add it.")
    return _numbers(table[name].cast(pa.timestamp("us")).cast(pa.int64()))


def edges_of(values: Floats) -> Floats:
    """Return the edges between tenths of the values that are stated; fewer where many are equal."""
    stated = values[~np.isnan(values)]
    return np.unique(np.quantile(stated, np.arange(1, PARTS) / PARTS)) if len(stated) else np.zeros(0)


def shares_of(values: Floats, edges: Floats | Collection[float]) -> Floats:
    """Return the share of values in each group between the edges, and of those where nothing is stated last."""
    edges = np.asarray(edges, np.float64)
    group = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    return np.bincount(group.astype(np.int64), minlength=len(edges) + 2) / max(len(values), 1)


def _learned(table: pa.Table, name: str, at: str) -> Column | Left:
    values, kind = table[name], table[name].type
    if not (is_text(kind) or is_time(kind) or _is_number(kind) or pa.types.is_null(kind)):
        return Left(name, f"a {kind} says nothing in one word")
    distinct, stated = len(values.drop_null().unique()), len(values) - values.null_count
    if distinct < 2 and not (distinct and values.null_count):
        return Left(name, "it says the same in every row")
    if is_time(kind):
        return Column(name, "age") if is_time(table[at].type) else Left(name, "rows have no time to count it from")
    if is_text(kind):
        return _category(name, values)
    numbered = pa.types.is_integer(kind) and distinct == stated and distinct > _FEW
    return Left(name, "no two rows have the same: it numbers the rows") if numbered else Column(name, "number")


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(test(kind) for test in tests)


def _category(name: str, values: pa.ChunkedArray) -> Column | Left:
    words = plain(values)
    counted = words.drop_null().value_counts()
    counts = dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
    if len(counts) > max(_FEW, _OWN * (len(words) - words.null_count)):
        return Left(name, "nearly every row has words of its own: it names the row")
    common = {word for word, count in counts.items() if count >= LEAST}
    if not common or (common == set(counts) and len(common) < 2 and not words.null_count):
        return Left(name, f"no two of its values stand in {LEAST} rows each")
    rare = (OTHER,) if len(common) < len(counts) else ()
    return Column(name, "category", (*sorted(_spelled(values, words, common)), *rare))


def _spelled(values: pa.ChunkedArray, words: pa.Array, common: set[str]) -> list[str]:
    """Return each common word as it is mostly spelled, of equal ones the first in the alphabet."""
    spelled = pc.utf8_trim_whitespace(values.cast(pa.string()).combine_chunks())
    rows = pa.table({"word": words, "spelled": spelled}).group_by(["word", "spelled"]).aggregate([([], "count_all")])
    best: dict[str, tuple[int, str]] = {}
    for row in sorted(rows.drop_null().to_pylist(), key=lambda row: str(row["spelled"])):
        if row["word"] in common and row["count_all"] > best.get(row["word"], (0, ""))[0]:
            best[row["word"]] = (row["count_all"], row["spelled"])
    return [spelling for _, spelling in best.values()]


def _encoded(column: Column, table: pa.Table, at: str) -> Floats:
    if column.name not in table.column_names:
        raise HedgerowError(f"These rows have no column '{column.name}', which the model learned from: add it.")
    values = table[column.name]
    if column.kind == "age":
        return (microseconds_of(table, at) - microseconds_of(table, column.name)) / _DAY
    if column.kind == "number":
        if is_text(values.type):
            raise HedgerowError(f"'{column.name}' has words where the model learned numbers: correct that column.")
        return _numbers(values.cast(pa.float64()))
    known = plain(pa.chunked_array([pa.array(column.categories, pa.string())]))
    words = plain(values)
    code = _numbers(pc.index_in(words, value_set=known))
    other = len(column.categories) - 1 if column.categories[-1] == OTHER else np.nan
    return np.where(np.isnan(code) & ~words.is_null().to_numpy(zero_copy_only=False), other, code)


def _numbers(values: pa.Array | pa.ChunkedArray) -> Floats:
    numbers: Floats = pc.fill_null(values.cast(pa.float64(), safe=False), np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(numbers), numbers, np.nan)
