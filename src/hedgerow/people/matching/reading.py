"""Reading: profiles made regular, with the columns that comparisons derive of them."""

from collections.abc import Mapping

import duckdb
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
    """Return the regular profiles' `person` and `source` with every derived column of `comparisons`."""
    con = duckdb.connect()
    made = profiles
    try:
        for comparison in comparisons.values():
            for name, derived in comparison.prepare.items():
                con.register("profiles", made)
                column = _derived(con, derived)
                con.unregister("profiles")
                place = made.schema.get_field_index(name)
                made = made.set_column(place, name, column) if place >= 0 else made.append_column(name, column)
    finally:
        con.close()
    names = [name for comparison in comparisons.values() for name in comparison.prepare]
    return made.select(["person", "source", *names])


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


def _derived(con: duckdb.DuckDBPyConnection, derived: Derived) -> pa.ChunkedArray:
    values = con.sql(f"SELECT ({derived.sql}) AS value FROM profiles").to_arrow_table()
    if derived.read is None:
        return values["value"]
    con.register("stated", values)
    distinct = con.sql(
        "SELECT DISTINCT value FROM (SELECT unnest(value) AS value FROM stated)"
        if pa.types.is_list(values["value"].type)
        else "SELECT DISTINCT value FROM stated WHERE value IS NOT NULL"
    ).to_arrow_table()["value"].to_pylist()  # fmt: skip
    read = {value: derived.read(value) for value in distinct if value is not None}
    column = values["value"].to_pylist()
    if not derived.many:
        return pa.chunked_array([pa.array([read.get(value) for value in column], pa.string())])
    return pa.chunked_array([pa.array([_listed(read, value) for value in column], pa.list_(pa.string()))])


def _listed(read: Mapping[str, str | tuple[str, ...] | None], value: str | list[str] | None) -> list[str]:
    found: list[str] = []
    for each in [value] if isinstance(value, str) else value or []:
        said = read.get(each)
        found += [said] if isinstance(said, str) else said or ()
    return found
