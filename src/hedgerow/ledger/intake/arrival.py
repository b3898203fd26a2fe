"""An arrival: a batch of stated touches sorted into new, repeated and dropped, and made rows of the lake."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit.index import Entries, Index
from hedgerow.ledger.erasure.stopping import stop
from hedgerow.ledger.erasure.tombstones import Tombstones
from hedgerow.ledger.intake import identity
from hedgerow.ledger.touch import KEPT, checks

Bools = NDArray[np.bool_]

CONFLICT = "the same id came before with other content"
ANY = 0
"""The digest of a touch that an erased person was taken out of: with it any content is the same."""


@dataclass(frozen=True)
class SortedOut:
    """What became of each stated row, and what the index of ids is to remember of it."""

    kept: int
    repeated: int
    drops: pa.Table
    """Columns place, line, fault."""
    assertions: Entries
    restated: list[str]
    """Ids of touches the ledger had already, now stated by this batch too."""
    undone: list[int]
    named: NDArray[np.int64]
    """Places of the rows that an erased person was taken out of."""
    redacted: list[str]
    """Ids of the new touches among them."""


class Arrival:
    """A batch on its way in; call `sort_out`, then `rows`.

    `requests` says that rows stand in a column `request`, and that equal ones without an id count apart only
    within one; else they count apart within the whole batch, those of its earlier turns included.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        ids: Index,
        codes: Index,
        batch: int,
        masked: NDArray[np.int64],
        tombstones: Tombstones,
        requests: bool = False,
    ) -> None:
        self._con, self._ids, self._codes = con, ids, codes
        self._tombstones = tombstones
        self._named = np.zeros(0, np.int64)
        self._batch, self._masked, self._requests = batch, masked, requests
        self._present: list[str] = []

    def sort_out(self, stated: pa.Table, schema: pa.Schema) -> SortedOut:
        """Return what is new, what repeats and what can't be kept; the new rows stay in `fresh`."""
        self._check(stated, schema)
        keys = self._keys()
        known = identity.known(self._ids, keys, self._batch, self._masked)
        first, leader = _first_of_each(keys)
        value = keys["value"].to_numpy()
        standard = np.where(known.has, known.value, value[leader])
        conflict = (value != standard) & (value != ANY) & (standard != ANY)
        new = first & ~known.has
        restated = first & known.has & ~conflict & ~known.stated_by_batch
        fate = keys.select(["place", "id"]).rename_columns(["place", "touch_id"])
        self._con.register("fate", fate.filter(pa.array(new)))
        self._con.execute("CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM arrived JOIN fate USING (place)")
        place = np.flatnonzero(new | restated)
        high, low = keys["high"].to_numpy()[place], keys["low"].to_numpy()[place]
        owner = np.full(len(place), self._batch, np.int64)
        return SortedOut(
            int(new.sum()),
            int((~new & ~conflict).sum()),
            self._drops(keys.filter(pa.array(conflict))),
            Entries(high, low, standard[place], owner),
            keys["id"].filter(pa.array(restated)).to_pylist(),
            self._undone(),
            self._named,
            keys["id"].filter(pa.array(new & np.isin(keys["place"].to_numpy(), self._named))).to_pylist(),
        )

    def rows(self, schema: pa.Schema, turn: int, received_at: int) -> tuple[pa.Table, Entries]:
        """Return the new touches as rows of the lake, in order of month, actor and time, and their new codes."""
        coded = identity.code(self._con, self._codes, " UNION ALL ".join(self._identifiers()))
        self._con.register("coded", coded.table)
        received = "received_at" if self._requests else f"make_timestamptz({received_at})"
        stated = ", ".join(f'fresh."{field.name}"' for field in schema if field.name in self._present)
        also, joins = "", ""
        if "claims" in self._present:
            also += ", claim_codes"
            joins += f" LEFT JOIN ({_CLAIM_CODES}) USING (place)"
        if "account" in self._present:
            also += ", c.code AS account_code"
            joins += " LEFT JOIN coded c ON c.identifier = account"
        rows = self._con.sql(
            f"SELECT touch_id, {received} AS received_at, {stated}, a.code AS actor_code{also}, "
            f"{self._batch}::BIGINT AS batch, {turn}::BIGINT AS turn, strftime(occurred_at, '%Y-%m') AS month "
            f"FROM fresh JOIN coded a ON a.identifier = actor{joins} "
            f"ORDER BY month, actor_code, occurred_at, touch_id"
        ).to_arrow_table()
        extra = [field for field in schema if field.name not in KEPT.names and field.name != "sender_id"]
        return _shaped(rows, pa.schema([*KEPT, *extra])), coded.fresh

    def _identifiers(self) -> list[str]:
        listed = {"actor": "actor", "account": "account", "claims": "unnest(claims)"}
        some = [f"SELECT {sql} AS identifier FROM fresh" for name, sql in listed.items() if name in self._present]
        return some or ["SELECT NULL::VARCHAR AS identifier"]

    def _check(self, stated: pa.Table, schema: pa.Schema) -> None:
        """Put the rows in `arrived`, regular, each with its fault if it has one and the digest of its content."""
        absent = {name for name in schema.names if stated[name].null_count == len(stated)} - _ALWAYS
        self._present = [name for name in schema.names if name not in absent and name != "sender_id"]
        cases = " ".join(f"WHEN {bad} THEN '{reason}'" for reason, bad, of in checks() if of not in absent)
        regular = {name: identity.regular(name) for name in ("actor", "account")}
        regular |= {"claims": identity.regular_list("claims"), "parent": identity.PARENT}
        replaced = ", ".join(f"{sql} AS {name}" for name, sql in regular.items() if name not in absent)
        kept = stated.drop_columns(sorted(absent)).append_column("place", pa.array(np.arange(len(stated))))
        self._con.register("stated", kept)
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE arrived AS SELECT * REPLACE (coalesce(fault, CASE {cases} END) AS fault), "
            f"{identity.content_of(schema, absent)} AS content FROM (SELECT * REPLACE ({replaced}) FROM stated)"
        )
        self._con.unregister("stated")
        if self._tombstones:
            self._named = stop(self._con, self._tombstones, "actor", ["claims"])

    def _keys(self) -> pa.Table:
        """Return place, line, id, high, low and value (the content's digest) of the good rows."""
        more = ", request" if self._requests else ""
        keys = self._con.sql(
            f"SELECT place, line{more}, substr(id, 1, 32) AS id, {identity.HALVES.format('id')}, unnamed, "
            f"('0x' || substr(content, 1, 16))::UBIGINT AS value FROM (SELECT *, sender_id IS NULL AS unnamed, "
            f"CASE WHEN sender_id IS NULL THEN {identity.BY_CONTENT.format('0')} ELSE {identity.BY_SENDER} END AS id "
            f"FROM arrived WHERE fault IS NULL) ORDER BY place"
        ).to_arrow_table()
        digest = keys["value"].to_numpy().view(np.int64)
        value = pa.array(np.where(np.isin(keys["place"].to_numpy(), self._named), ANY, digest))
        keys = keys.set_column(keys.schema.get_field_index("value"), "value", value)
        return self._numbered(keys)

    def _numbered(self, keys: pa.Table) -> pa.Table:
        """Return the keys with those of equal rows without an id told apart by their occurrence."""
        unnamed = np.flatnonzero(keys["unnamed"].to_numpy())
        high, low = keys["high"].to_numpy()[unnamed], keys["low"].to_numpy()[unnamed]
        if self._requests:
            request = keys["request"].to_numpy()[unnamed]
            rank, earlier = identity.ranks(high, low, request), np.zeros(len(unnamed), np.int64)
        else:
            rank, earlier = identity.ranks(high, low), self._earlier(keys, unnamed)
        occurrence = rank + earlier
        later = occurrence > 0
        if not later.any():
            return keys
        place = keys["place"].to_numpy()[unnamed[later]]
        self._con.register("later", pa.table({"place": place, "occurrence": occurrence[later]}))
        ids = self._con.sql(
            f"SELECT substr(id, 1, 32) AS id, {identity.HALVES.format('id')} FROM (SELECT place, "
            f"{identity.BY_CONTENT.format('occurrence')} AS id FROM arrived JOIN later USING (place)) ORDER BY place"
        ).to_arrow_table()
        return identity.replaced(keys, unnamed[later], ids)

    def _earlier(self, keys: pa.Table, unnamed: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return how many rows equal to each of the rows `unnamed` earlier turns of this import stated."""
        high, low = keys["high"].to_numpy()[unnamed], keys["low"].to_numpy()[unnamed]
        hits = self._ids.find(high, low)
        again = np.unique(hits.place[hits.owner == self._batch])
        before = np.zeros(len(unnamed), np.int64)
        if len(again):
            self._con.register("again", pa.table({"place": keys["place"].to_numpy()[unnamed[again]]}))
            rows = self._con.sql("SELECT source, content FROM arrived JOIN again USING (place) ORDER BY place")
            before[again] = identity.earlier_occurrences(self._con, self._ids, self._batch, rows.to_arrow_table())
        return before

    def _drops(self, conflicts: pa.Table) -> pa.Table:
        found = self._con.sql("SELECT place, line, fault FROM arrived WHERE fault IS NOT NULL").to_arrow_table()
        fault = pa.array([CONFLICT] * len(conflicts), pa.string())
        table = pa.table({"place": conflicts["place"], "line": conflicts["line"], "fault": fault})
        return pa.concat_tables([found, table]).sort_by("place")

    def _undone(self) -> list[int]:
        if "object" not in self._present:
            return []
        batch = "try_cast(substr(object, 7) AS BIGINT)"
        query = f"SELECT {batch} FROM fresh WHERE verb = 'undo' AND starts_with(object, 'batch:')"
        return sorted({batch for (batch,) in self._con.sql(query).fetchall() if batch is not None})


_ALWAYS = {"sender_id", "said_at", "source", "occurred_at", "verb", "actor", "currency"}
"""Columns that are looked at even where no row has them."""

_CLAIM_CODES = """
SELECT place, list(code ORDER BY rank) AS claim_codes FROM
  (SELECT place, unnest(claims) AS identifier, generate_subscripts(claims, 1) AS rank FROM fresh)
  JOIN coded USING (identifier) GROUP BY place
"""


def _shaped(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _first_of_each(keys: pa.Table) -> tuple[Bools, NDArray[np.intp]]:
    """Return which rows are the first with their id, and for each row the place of that first one."""
    high, low = keys["high"].to_numpy(), keys["low"].to_numpy()
    order = np.argsort(high, kind="stable")  # equal ids stay in order of place
    same = high[order][1:] == high[order][:-1]
    if (low[order][1:][same] != low[order][:-1][same]).any():
        order = np.lexsort((low, high))
    changes = np.ones(len(order), bool)
    changes[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    first = np.zeros(len(order), bool)
    first[order[changes]] = True
    leader = np.empty(len(order), np.intp)
    leader[order] = order[changes][np.cumsum(changes) - 1]
    return first, leader
