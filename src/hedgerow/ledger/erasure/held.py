"""Held: everything the ledger and the record hold on a person; and whom they hold again though erased."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.erasure.rewriting import (
    STATED,
    Whom,
    codes_of,
    everything,
    naming_deals,
    naming_touches,
    own,
    texts_of,
)
from hedgerow.ledger.erasure.scouring import rows_naming, tables_of
from hedgerow.ledger.erasure.tombstones import Tombstones, addresses_in, owed, tombstones

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

Rows = list[dict[str, Any]]


def held(workspace: "Workspace", identifiers: Sequence[str]) -> Iterator[tuple[str, Rows]]:
    """Yield each kind of thing that is held on the person who has these identifiers, with its rows.

    First their `touches`, then the touches of others that name them (`named_in`), the rows of `deals`, those of undone
    imports too, and then what tables of the record say of them.
    """
    with closing(everything(workspace)) as engine:
        whom = Whom(codes_of(engine, identifiers), Redactor(identifiers))
        touches, deals = workspace.lake.columns("touches"), workspace.lake.columns("deals")
        order = "ORDER BY occurred_at, touch_id"
        yield "touches", _rows(engine.sql(f"SELECT * FROM touches WHERE {own(whom)} {order}"))
        yield "named_in", _rows(engine.sql(f"SELECT * FROM touches WHERE {naming_touches(touches, whom)} {order}"))
        yield "deals", _rows(engine.sql(f"SELECT * FROM deals_history WHERE {naming_deals(deals, whom)} ORDER BY turn"))
    with workspace.record.connect() as connection:
        for table in tables_of(connection):
            yield table.name, [row for _, row in rows_naming(connection, table, whom.redactor)]


def counts(workspace: "Workspace", identifiers: Sequence[str]) -> dict[str, int]:
    """Return how many rows of each kind are held on a person; kinds of which there is none are left out."""
    return {name: len(rows) for name, rows in held(workspace, identifiers) if rows}


def returned(workspace: "Workspace") -> list[str]:
    """Return the identifiers of erased people that the ledger or the record holds again; none where nothing is owed."""
    if not owed(workspace):
        return []
    known = tombstones(workspace)
    with closing(everything(workspace)) as engine:
        wholes = engine.sql(f"SELECT DISTINCT identifier AS said FROM ({STATED})")
        parts = [wholes]
        for name, view in (("touches", "touches"), ("deals", "deals_history")):
            query = addresses_in(view, texts_of(workspace.lake.columns(name)))
            parts.append(engine.sql(f"SELECT DISTINCT said FROM ({query})"))
    with workspace.record.connect() as connection:
        rows = [row for table in tables_of(connection) for row in connection.execute(table.select())]
    texts = pa.table({"text": pa.array([str(tuple(row)) for row in rows], pa.string())})
    return _known_again(known, pa.concat_tables([part.cast(_SAID) for part in parts]), texts)


def _rows(table: pa.Table) -> Rows:
    rows: Rows = table.to_pylist()
    return rows


_SAID = pa.schema([("said", pa.string())])


def _known_again(known: Tombstones, stated: pa.Table, texts: pa.Table) -> list[str]:
    with closing(duckdb.connect()) as con:
        con.register("stated", stated)
        con.register("texts", texts)
        found = known.erased(con, f"SELECT said FROM stated UNION ALL {addresses_in('texts', ['text'])}")
    return [each if ":" in each else f"email:{each}" for each in found]
