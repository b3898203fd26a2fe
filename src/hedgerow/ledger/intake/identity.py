"""Identity: which touch a row is, whether the ledger has it, and the integer codes of its identifiers."""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit.index import Entries, Index

HALVES = "('0x' || substr({0}, 1, 16))::UBIGINT AS high, ('0x' || substr({0}, 17, 16))::UBIGINT AS low"
_SEPARATOR = "chr(31)"

BY_SENDER = f"sha256(source || {_SEPARATOR} || 'id' || {_SEPARATOR} || sender_id)"
BY_CONTENT = f"sha256(source || {_SEPARATOR} || 'row' || {_SEPARATOR} || content || {_SEPARATOR} || ({{}})::VARCHAR)"
_LINK = "starts_with(parent, 'link:')"
PARENT = (
    f"substr(sha256(CASE WHEN {_LINK} THEN 'links' ELSE source END || {_SEPARATOR} || 'id' || {_SEPARATOR} || "
    f"CASE WHEN {_LINK} THEN substr(parent, 6) ELSE parent END), 1, 32)"
)
"""A touch's id is the first 128 bits of SHA-256, in hex, of its source and the sender's id; where the sender
gives none, of its source, the digest of its content, and how many equal rows came before it in the file. A parent
is a touch of the same source by the sender's id, or, written `link:CODE`, the tracked link of that code."""


def content_of(schema: pa.Schema, absent: Collection[str] = ()) -> str:
    """Return the SQL for the digest of what a row states; equal rows have equal digests and no others do.

    Each value that is there is written with its name and length, so that a column added later changes nothing,
    nor does leaving out those that are `absent` from every row. The time is `said_at` where a row has one: the
    sender's own words, which stay the same when a message is sent again and its time is reckoned anew.
    """
    parts = ["''"]
    for field in schema:
        if field.name in ("sender_id", "source", "said_at") or field.name in absent:
            continue
        value = f'"{field.name}"::VARCHAR'
        if pa.types.is_timestamp(field.type):
            value = f'epoch_us("{field.name}")::VARCHAR'
            if field.name == "occurred_at":
                value = f"coalesce(said_at, {value})"
        elif pa.types.is_list(field.type):
            value = f'to_json("{field.name}")::VARCHAR'
        parts.append(f"'{field.name}=' || length({value}) || '=' || {value}")
    return f"sha256(concat({', '.join(parts)}))"


def regular(sql: str) -> str:
    """Return the SQL for an identifier made regular: its kind in small letters, a mail address too, no space about.

    One without a value is nothing; one without a kind is left as it is, for the checks to find.
    """
    text = f"trim({sql})"
    kind, value = f"lower(trim(split_part({text}, ':', 1)))", f"trim(substr({text}, strpos({text}, ':') + 1))"
    whole = f"{kind} || ':' || CASE WHEN {kind} = 'email' THEN lower({value}) ELSE {value} END"
    return f"CASE WHEN strpos({text}, ':') = 0 THEN nullif({text}, '') WHEN {value} <> '' THEN {whole} END"


def regular_list(sql: str, in_order: bool = False) -> str:
    """Return the SQL for identifiers made regular, each once; nothing where there is none.

    They stand sorted, or `in_order` as they were stated, the first of equal ones.
    """
    made = f"list_filter(list_transform({sql}, lambda c: {regular('c')}), lambda c: c IS NOT NULL)"
    once = f"list_sort(list_distinct({made}))"
    if in_order:
        once = f"list_filter({made}, lambda c, i: list_position({made}, c) = i)"
    return f"CASE WHEN len({made}) > 0 THEN {once} END"


@dataclass(frozen=True)
class Known:
    """What the ledger says of some ids: the digest of the live touch, if there is one, and who stated it."""

    has: NDArray[np.bool_]
    value: NDArray[np.int64]
    stated_by_batch: NDArray[np.bool_]


def known(ids: Index, table: pa.Table, batch: int, masked: NDArray[np.int64]) -> Known:
    """Return what the index knows of the keys `high`, `low` of `table`; `masked` imports do not count."""
    high, low = table["high"].to_numpy(), table["low"].to_numpy()
    hits = ids.find(high, low)
    live = ~np.isin(hits.owner, masked)
    has, value = np.zeros(len(high), bool), np.zeros(len(high), np.int64)
    has[hits.place[live]] = True
    value[hits.place[live]] = hits.value[live]
    own = np.zeros(len(high), bool)
    own[hits.place[hits.owner == batch]] = True
    return Known(has, value, own)


def earlier_occurrences(con: duckdb.DuckDBPyConnection, ids: Index, batch: int, rows: pa.Table) -> NDArray[np.int64]:
    """Return how many equal rows this import stated before this chunk, for each row of `rows`.

    `rows` has `source` and `content`. An import states its equal rows as occurrences
    0, 1, 2, …, so their number is found by doubling and halving: 2 log n lookups.
    """
    known_below, unknown_above = np.zeros(len(rows), np.int64), np.ones(len(rows), np.int64)

    def stated(places: NDArray[np.intp], occurrence: NDArray[np.int64]) -> NDArray[np.bool_]:
        asked = rows.take(pa.array(places)).append_column("occurrence", pa.array(occurrence))
        con.register("asked", asked)
        keys = con.sql(
            f"SELECT {HALVES.format('id')} FROM (SELECT {BY_CONTENT.format('occurrence')} AS id FROM asked)"
        ).to_arrow_table()
        hits = ids.find(keys["high"].to_numpy(), keys["low"].to_numpy())
        answer = np.zeros(len(places), bool)
        answer[hits.place[hits.owner == batch]] = True
        return answer

    growing = np.arange(len(rows))
    while len(growing):
        yes = stated(growing, unknown_above[growing] - 1)
        growing = growing[yes]
        known_below[growing] = unknown_above[growing]
        unknown_above[growing] *= 2
    while len(open_ := np.flatnonzero(unknown_above - known_below > 1)):
        middle = (known_below[open_] + unknown_above[open_]) // 2
        yes = stated(open_, middle - 1)
        known_below[open_[yes]] = middle[yes]
        unknown_above[open_[~yes]] = middle[~yes]
    return known_below


def ranks(*keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return for each row how many rows before it have the same keys."""
    order = np.lexsort(keys)  # stable: equal rows stay in order of place
    changes = np.ones(len(order), bool)
    changes[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    begins = np.flatnonzero(changes)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - begins[np.cumsum(changes) - 1]
    return rank


def replaced(keys: pa.Table, places: NDArray[np.intp], ids: pa.Table) -> pa.Table:
    """Return `keys` with the ids of the rows at `places` (ascending) replaced, `high` and `low` with them."""
    mask = np.zeros(len(keys), bool)
    mask[places] = True
    for name in ("id", "high", "low"):
        column = pa.compute.replace_with_mask(keys[name].combine_chunks(), pa.array(mask), ids[name].combine_chunks())
        keys = keys.set_column(keys.schema.get_field_index(name), name, column)
    return keys


@dataclass(frozen=True)
class Codes:
    """Identifiers with their codes, and the entries the index of codes lacks so far."""

    table: pa.Table
    fresh: Entries


def code(con: duckdb.DuckDBPyConnection, codes: Index, identifiers: str) -> Codes:
    """Return a code for each distinct identifier the query `identifiers` gives (one column, `identifier`).

    A code is the identifier's rank of arrival; those of erased identifiers are not given again. Two identifiers
    share a code only if SHA-256 collides in its first 128 bits.
    """
    distinct = f"SELECT DISTINCT identifier FROM ({identifiers}) WHERE identifier IS NOT NULL"
    listed = con.sql(
        f"SELECT identifier, {HALVES.format('digest')} FROM "
        f"(SELECT identifier, sha256(identifier) AS digest FROM ({distinct})) ORDER BY high, low"
    ).to_arrow_table()
    high, low = listed["high"].to_numpy(), listed["low"].to_numpy()
    hits = codes.find(high, low)
    value = np.full(len(high), -1, np.int64)
    value[hits.place] = hits.value
    new = np.flatnonzero(value < 0)
    value[new] = codes.highest() + 1 + np.arange(len(new))
    fresh = Entries(high[new], low[new], value[new], np.zeros(len(new), np.int64))
    return Codes(pa.table({"identifier": listed["identifier"], "code": value}), fresh)
