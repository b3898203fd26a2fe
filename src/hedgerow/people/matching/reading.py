"""Reading: profiles made regular, with the columns that comparisons derive of them."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError, nearest
from hedgerow.people.matching.comparison import Comparison, Derived

ONE = ("given_name", "surname", "full_name", "birth_date", "network", "source", "bio", "country",
       "street_number", "postcode", "region", "reference")  # fmt: skip
"""Columns with one value a person."""

MANY = ("email", "verified_email", "phone", "handle", "account", "site", "page", "employer", "place", "street")
"""Columns that may hold a list of values a person; a single value is a list of one. `account` is "network:handle",
`page` a person's own page, `site` what they link to."""

PART = 50_000
CORES = 2
"""How many comparisons derive their columns at once: where one waits for Python, another reads."""


def regular(profiles: pa.Table) -> pa.Table:
    """Return profiles with every known column: text, or lists of text; empty text is nothing.

    Raises `HedgerowError` where `person` is missing, empty or there twice, or a column is not known.
    """
    if "person" not in profiles.column_names:
        raise HedgerowError("Profiles to match have no column 'person': name each row by an integer in it.")
    for name in profiles.column_names:
        if name not in ("person", *ONE, *MANY):
            raise HedgerowError(f"No column of profiles is called '{name}'.{nearest(name, ('person', *ONE, *MANY))}")
    person = profiles["person"].cast(pa.int64())
    if person.null_count or pc.count_distinct(person).as_py() != len(person):
        raise HedgerowError("A person is missing or there twice in the profiles to match: give one row a person.")
    con = duckdb.connect()
    try:
        con.register("profiles", profiles)
        ones = [f"{_one(profiles, name)} AS {name}" for name in ONE]
        lists = [f"{_many(profiles, name)} AS {name}" for name in MANY]
        return con.sql(
            f"SELECT {', '.join(['person::BIGINT AS person', *ones, *lists])} FROM profiles"
        ).to_arrow_table()
    finally:
        con.close()


def used(profiles: pa.Table, shelf: Mapping[str, Comparison]) -> dict[str, Comparison]:
    """Return the comparisons that at least two of the regular `profiles` have something for."""
    return {
        name: comparison
        for name, comparison in shelf.items()
        if any(_filled(profiles[column]) >= 2 for column in comparison.columns)
    }


def prepared(profiles: pa.Table, comparisons: Mapping[str, Comparison]) -> pa.Table:
    """Return the regular profiles' `person` and `source` with the derived columns that `comparisons` ask for."""
    every = list(comparisons.values())
    common = {
        name: derived for comparison in every for name, derived in comparison.prepare.items()
        if sum(name in other.prepare for other in every) > 1
    }  # fmt: skip
    made = profiles
    for name, column in _columns(profiles, common, set(common)).items():
        made = made.append_column(name, column)
    wanted = [{name: each for name, each in comparison.prepare.items() if name not in common} for comparison in every]
    with ThreadPoolExecutor(CORES) as pool:
        asked = [comparison.asks() for comparison in every]
        found = list(pool.map(_columns, repeat(made), wanted, asked))
    kept = made.select(["person", "source", *(name for name in common if any(name in each for each in asked))])
    for columns in found:
        for name, column in columns.items():
            kept = kept.append_column(name, column)
    return kept


def _columns(profiles: pa.Table, wanted: Mapping[str, Derived], asked: set[str]) -> dict[str, pa.Array]:
    """Return the `asked` of the `wanted` columns, each of which may read the profiles and those before it."""
    made, found = profiles, dict[str, pa.Array]()
    con = duckdb.connect()
    try:
        for name, derived in wanted.items():
            column = _derived(con, made, derived)
            place = made.schema.get_field_index(name)
            made = made.set_column(place, name, column) if place >= 0 else made.append_column(name, column)
            if name in asked:
                found[name] = column
    finally:
        con.close()
    return found


def _one(profiles: pa.Table, name: str) -> str:
    if name not in profiles.column_names:
        return "NULL::VARCHAR"
    listed = pa.types.is_list(profiles.schema.field(name).type) or pa.types.is_large_list(
        profiles.schema.field(name).type
    )
    return f"nullif(trim(({name}{'[1]' if listed else ''})::VARCHAR), '')"


def _many(profiles: pa.Table, name: str) -> str:
    if name not in profiles.column_names:
        return "[]::VARCHAR[]"
    kind = profiles.schema.field(name).type
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    values = f"{name}::VARCHAR[]" if listed else f"[{name}::VARCHAR]"
    return f"coalesce(list_filter(list_transform({values}, lambda x : trim(x)), lambda x : x <> ''), [])"


def _filled(column: pa.ChunkedArray) -> int:
    if pa.types.is_list(column.type):
        return int(pc.sum(pc.greater(pc.list_value_length(column), 0)).as_py() or 0)
    return len(column) - int(column.null_count)


def _asked(con: duckdb.DuckDBPyConnection, rows: pa.Table, columns: str, source: str = "asked") -> pa.Table:
    """Return SQL `columns` of `source`, a query over the table `rows`, in its order.

    DuckDB reads the rows in parts on all cores, and a list to look values up in (`IN`) loses the order of the parts.
    """
    numbered = rows.append_column("line", pa.array(np.arange(len(rows))))
    parts = numbered.combine_chunks().to_batches(max_chunksize=PART)
    con.register("asked", pa.Table.from_batches(parts, numbered.schema))
    found = con.sql(f"SELECT line, {columns} FROM {source}").to_arrow_table()
    con.unregister("asked")
    line = found["line"].to_numpy()
    return found if (np.diff(line) > 0).all() else found.take(pa.array(np.argsort(line)))


def _derived(con: duckdb.DuckDBPyConnection, profiles: pa.Table, derived: Derived) -> pa.Array:
    """Return a derived column: each distinct text is read once, and what was read is put where the text was."""
    values = _asked(con, profiles, f"({derived.sql}) AS value")["value"].combine_chunks()
    if derived.read is None:
        return values
    listed = pa.types.is_list(values.type)
    texts = (pc.list_flatten(values) if listed else values).dictionary_encode()
    read = _read(con, derived, texts.dictionary)
    if not derived.many:
        return read.take(texts.indices)
    row = pc.list_parent_indices(values).to_numpy() if listed else np.arange(len(values))
    return _gathered(read, texts.indices, row, len(values))


def _read(con: duckdb.DuckDBPyConnection, derived: Derived, texts: pa.Array) -> pa.Array:
    """Return what is read of each of the distinct texts: a text, or where `many` a list of them."""
    kind = pa.list_(pa.string()) if derived.many else pa.string()
    if derived.plain is None:
        return pa.array([_told(derived, text) for text in texts.to_pylist()], kind)
    plain = _asked(
        con, pa.table({"x": texts}), f"is_plain, CASE WHEN is_plain THEN {derived.plain.sql} END AS found",
        f"(SELECT line, x, coalesce({derived.plain.where}, FALSE) AS is_plain FROM asked)",
    )  # fmt: skip
    odd = np.flatnonzero(~plain["is_plain"].to_numpy())
    found = plain["found"].combine_chunks()
    if found.type != kind:
        found = _gathered(found, pa.array(np.arange(len(found))), np.arange(len(found)), len(found))
    said = pa.array([_told(derived, text) for text in texts.take(pa.array(odd)).to_pylist()], kind)
    place = np.arange(len(texts))
    place[odd] = len(texts) + np.arange(len(odd))
    return pa.concat_arrays([found, said]).take(pa.array(place))


def _told(derived: Derived, text: str) -> str | list[str] | None:
    said = derived.read(text) if derived.read else text
    if not derived.many:
        return said if isinstance(said, str) else None
    return [said] if isinstance(said, str) else list(said or ())


def _gathered(read: pa.Array, places: pa.Array, row: np.ndarray, rows: int) -> pa.Array:
    """Return a list of texts for each of `rows`: all that was read at the `places` that belong to its `row`."""
    taken = read.take(places)
    listed = pa.types.is_list(read.type)
    count = pc.fill_null(pc.list_value_length(taken) if listed else pc.cast(pc.is_valid(taken), pa.int32()), 0)
    ends = np.cumsum(np.bincount(row, count.to_numpy(zero_copy_only=False), rows))
    starts = np.concatenate([[0], ends]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), pc.list_flatten(taken) if listed else taken.drop_null())
