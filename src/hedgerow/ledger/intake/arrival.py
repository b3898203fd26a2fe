"""An arrival: a batch of stated touches sorted into new, repeated and dropped, and made rows of the lake."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit.index import Entries, Index
from hedgerow.ledger.intake import identity
from hedgerow.ledger.touch import KEPT, checks

Bools = NDArray[np.bool_]

CONFLICT = "the same id came before with other content"


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
        requests: bool = False,
    ) -> None:
        self._con, self._ids, self._codes = con, ids, codes
        self._batch, self._masked, self._requests = batch, masked, requests

    def sort_out(self, stated: pa.Table, schema: pa.Schema) -> SortedOut:
        """Return what is new, what repeats and what can't be kept; the new rows stay in `fresh`."""
        self._check(stated, schema)
        keys = self._identify()
        known = identity.known(self._ids, keys, self._batch, self._masked)
        first, leader = _first_of_each(keys)
        value = keys["value"].to_numpy()
        standard = np.where(known.has, known.value, value[leader])
        conflict = value != standard
        new = first & ~known.has
        restated = first & known.has & ~conflict & ~known.stated_by_batch
        self._con.register("fate", pa.table({"place": keys["place"], "id": keys["id"]}).filter(pa.array(new)))
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE fresh AS SELECT arrived.*, id AS touch_id "
            "FROM arrived JOIN fate USING (place)"
        )
        place = np.flatnonzero(new | restated)
        high, low = keys["high"].to_numpy()[place], keys["low"].to_numpy()[place]
        owner = np.full(len(place), self._batch, np.int64)
        return SortedOut(
            int(new.sum()),
            int((~new & ~conflict).sum()),
            self._drops(keys.filter(pa.array(conflict))),
            Entries(high, low, value[place], owner),
            keys["id"].filter(pa.array(restated)).to_pylist(),
            self._undone(),
        )

    def rows(self, schema: pa.Schema, turn: int, received_at: int) -> tuple[pa.Table, Entries]:
        """Return the new touches as rows of the lake, in order of month, actor and time, and their new codes."""
        coded = identity.code(
            self._con,
            self._codes,
            "SELECT actor AS identifier FROM fresh UNION ALL SELECT account FROM fresh "
            "UNION ALL SELECT unnest(claims) FROM fresh",
        )
        self._con.register("coded", coded.table)
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE claimed AS SELECT place, list(code ORDER BY rank) AS claim_codes FROM "
            "(SELECT place, unnest(claims) AS identifier, generate_subscripts(claims, 1) AS rank FROM fresh) "
            "JOIN coded USING (identifier) GROUP BY place"
        )
        received = "received_at" if self._requests else f"make_timestamptz({received_at})"
        stated = ", ".join(f'fresh."{field.name}"' for field in schema if field.name != "sender_id")
        rows = self._con.sql(
            f"SELECT touch_id, {received} AS received_at, {stated}, a.code AS actor_code, "
            f"claim_codes, c.code AS account_code, {self._batch}::BIGINT AS batch, {turn}::BIGINT AS turn, "
            f"strftime(occurred_at, '%Y-%m') AS month FROM fresh JOIN coded a ON a.identifier = actor "
            f"LEFT JOIN coded c ON c.identifier = account LEFT JOIN claimed USING (place) "
            f"ORDER BY month, actor_code, occurred_at, touch_id"
        ).to_arrow_table()
        extra = [field for field in schema if field.name not in KEPT.names and field.name != "sender_id"]
        kept = pa.schema([*KEPT, *extra])
        return rows.select(kept.names).cast(kept), coded.fresh

    def _check(self, stated: pa.Table, schema: pa.Schema) -> None:
        absent = {name for name in schema.names if stated[name].null_count == len(stated)}
        cases = " ".join(f"WHEN {bad} THEN '{reason}'" for reason, bad, of in checks() if of not in absent)
        regular = {name: identity.regular(name) for name in ("actor", "account")}
        regular |= {"claims": identity.regular_list("claims"), "parent": identity.PARENT}
        replaced = ", ".join(f"{sql} AS {name}" for name, sql in regular.items() if name not in absent)
        self._con.register("stated", stated.append_column("place", pa.array(np.arange(len(stated)))))
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE arrived AS SELECT * REPLACE (coalesce(fault, CASE {cases} END) AS fault) "
            f"FROM (SELECT *{f' REPLACE ({replaced})' if replaced else ''} FROM stated)"
        )
        self._con.unregister("stated")
        more = ", request" if self._requests else ""
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE good AS SELECT place, line, source, sender_id{more}, "
            f"{identity.content_of(schema, absent)} AS content FROM arrived WHERE fault IS NULL"
        )

    def _identify(self) -> pa.Table:
        """Return place, line, id, high, low and value (the content's digest) of the good rows."""
        within = "source, content, sender_id" + (", request" if self._requests else "")
        numbered = f"row_number() OVER (PARTITION BY {within} ORDER BY place) - 1"
        self._con.register("earlier", self._earlier())
        keys = self._con.sql(
            f"SELECT place, line, substr(id, 1, 32) AS id, {identity.HALVES.format('id')}, "
            f"('0x' || substr(content, 1, 16))::UBIGINT AS value FROM (SELECT *, "
            f"CASE WHEN sender_id IS NULL THEN {identity.BY_CONTENT} ELSE {identity.BY_SENDER} END AS id "
            f"FROM (SELECT good.*, coalesce(before, 0) + {numbered} AS occurrence "
            f"FROM good LEFT JOIN earlier USING (source, content))) ORDER BY place"
        ).to_arrow_table()
        value = pa.array(keys["value"].to_numpy().view(np.int64))
        return keys.set_column(keys.schema.get_field_index("value"), "value", value)

    def _earlier(self) -> pa.Table:
        """Return source, content and how many equal rows earlier turns of this import stated (`before`)."""
        which = "false" if self._requests else "sender_id IS NULL"
        unnamed = self._con.sql(f"SELECT DISTINCT source, content FROM good WHERE {which}").to_arrow_table()
        before = identity.earlier_occurrences(self._con, self._ids, self._batch, unnamed)
        seen = unnamed.append_column("before", pa.array(before))
        return seen.filter(pa.array(before > 0))

    def _drops(self, conflicts: pa.Table) -> pa.Table:
        found = self._con.sql("SELECT place, line, fault FROM arrived WHERE fault IS NOT NULL").to_arrow_table()
        fault = pa.array([CONFLICT] * len(conflicts), pa.string())
        table = pa.table({"place": conflicts["place"], "line": conflicts["line"], "fault": fault})
        return pa.concat_tables([found, table]).sort_by("place")

    def _undone(self) -> list[int]:
        query = "SELECT try_cast(split_part(object, ':', 2) AS BIGINT) FROM fresh WHERE verb = 'undo'"
        return sorted({batch for (batch,) in self._con.sql(query).fetchall() if batch is not None})


def _first_of_each(keys: pa.Table) -> tuple[Bools, NDArray[np.intp]]:
    """Return which rows are the first with their id, and for each row the place of that first one."""
    high, low = keys["high"].to_numpy(), keys["low"].to_numpy()
    order = np.lexsort((low, high))  # stable: equal ids stay in order of place
    changes = np.ones(len(order), bool)
    changes[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    first = np.zeros(len(order), bool)
    first[order[changes]] = True
    leader = np.empty(len(order), np.intp)
    leader[order] = order[changes][np.cumsum(changes) - 1]
    return first, leader
