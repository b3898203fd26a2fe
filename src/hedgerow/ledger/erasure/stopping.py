"""Stopping: what arrives of an erased person is dropped without its payload, and taken out of what others say."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.erasure.tombstones import Tombstones, addresses_in, tombstones

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

ERASED = "its person was erased"
"""The reason of a drop that says no more."""

Places = NDArray[np.int64]


def stop(con: duckdb.DuckDBPyConnection, tombstones: Tombstones, actor: str | None, lists: Sequence[str]) -> Places:
    """Take erased people out of the table `arrived` of a working database; return the places of the rows they were in.

    A row whose `actor` is erased has the fault `ERASED` then. In `lists`, columns of identifiers, and in texts they are
    left out. An address in a text is known by its tombstone; any other identifier only if it arrives as one beside it.
    """
    types = {name: kind for name, kind, *_ in con.sql("DESCRIBE arrived").fetchall()}
    single = [name for name in (actor, "account") if name and name in types]
    lists = [name for name in lists if name in types]
    texts = [name for name, kind in types.items() if kind == "VARCHAR" and name not in (*_OURS, *single)]
    stated = [*(f"SELECT {name} AS said FROM arrived" for name in single), *(_each(name) for name in lists)]
    wholes = tombstones.erased(con, " UNION ALL ".join(stated))
    redactor = Redactor(wholes, tombstones.erased(con, addresses_in("arrived", texts)))
    if not redactor:
        return np.zeros(0, np.int64)
    con.register("erased", pa.table({"said": pa.array(wholes, pa.string())}))
    named = [*(f"{name} IN (FROM erased)" for name in single), *(_some(name) for name in lists)]
    hit = " OR ".join(f"coalesce({test}, false)" for test in [*named, redactor.found_in(texts)])
    rows = con.sql(f"SELECT place, {', '.join([*single, *lists, *texts])} FROM arrived WHERE {hit}").to_arrow_table()
    if not len(rows):
        return np.zeros(0, np.int64)
    _replace(con, _cleared(rows, set(wholes), redactor, lists, texts), actor, single, [*lists, *texts])
    return np.asarray(rows["place"].to_numpy(), np.int64)


def naming(con: duckdb.DuckDBPyConnection, tombstones: Tombstones, texts: Sequence[str]) -> set[int]:
    """Return the places of the texts in which the address of an erased person stands."""
    con.register("payloads", pa.table({"payload": pa.array(texts, pa.string())}))
    redactor = Redactor((), tombstones.erased(con, addresses_in("payloads", ["payload"])))
    con.unregister("payloads")
    return {place for place, text in enumerate(texts) if redactor.names(text)} if redactor else set()


def erased_among(workspace: "Workspace", identifiers: Iterable[str], texts: Iterable[str]) -> tuple[set[str], Redactor]:
    """Return which identifiers are of erased people, and what takes those, and the addresses in texts, out of texts."""
    known = tombstones(workspace)
    if not known:
        return set(), Redactor(())
    with closing(duckdb.connect()) as con:
        con.register("named", pa.table({"said": pa.array(sorted(set(identifiers)), pa.string())}))
        con.register("texts", pa.table({"text": pa.array(list(texts), pa.string())}))
        wholes = known.erased(con, "SELECT said FROM named")
        return set(wholes), Redactor(wholes, known.erased(con, addresses_in("texts", ["text"])))


def _cleared(rows: pa.Table, erased: set[str], redactor: Redactor, lists: list[str], texts: list[str]) -> pa.Table:
    for name in texts:
        rows = rows.set_column(rows.schema.get_field_index(name), name, redactor.column(rows[name]))
    for name in lists:
        kept = [left_in(said, erased) for said in rows[name].to_pylist()]
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(kept, pa.list_(pa.string())))
    return rows


def left_in(said: list[str] | None, erased: set[str]) -> list[str] | None:
    """Return the identifiers that are not erased, None where none is left."""
    return [each for each in said or [] if each not in erased] or None


def _replace(
    con: duckdb.DuckDBPyConnection, cleared: pa.Table, actor: str | None, single: list[str], columns: list[str]
) -> None:
    con.register("cleared", cleared)
    replaced = [f"CASE WHEN c.place IS NULL THEN a.{name} ELSE c.{name} END AS {name}" for name in columns]
    if "account" in single:
        replaced.append("CASE WHEN a.account IN (FROM erased) THEN NULL ELSE a.account END AS account")
    if actor:
        replaced.append(f"CASE WHEN a.{actor} IN (FROM erased) THEN '{ERASED}' ELSE a.fault END AS fault")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE arrived AS SELECT a.* REPLACE ({', '.join(replaced)}) "
        "FROM arrived a LEFT JOIN cleared c USING (place)"
    )
    con.unregister("cleared")


def _each(name: str) -> str:
    return f"SELECT unnest({name}) AS said FROM arrived"


def _some(name: str) -> str:
    return f"list_has_any({name}, (SELECT list(said) FROM erased))"


_OURS = ("fault", "content", "row_id", "said", "currency", "verb", "source", "sender_id")
"""Columns of texts that state nothing of a person, or that a row is known again by."""
