"""The engine: the ledger and what is derived from it as tables, in DuckDB, and as Ibis expressions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit.clock import microseconds
from hedgerow.ledger.lake import Lake
from hedgerow.ledger.record import MASKS


class Engine:
    """DuckDB over the lake's files, as of now; ask it for a table, or run a query on views of the same names.

    Rows of an undone import are left out of every table. `touches`, `spend`, `deals` and whatever the rooms
    have derived are views; `spend_history` and `deals_history` hold what was superseded too. With `until`
    the views show what had been received by that instant; without `masking`, undone imports too.
    """

    def __init__(
        self,
        lake: Lake,
        derived: Lake,
        record: sa.Engine,
        until: datetime | None = None,
        masking: bool = True,
    ) -> None:
        self._lakes = (lake, derived)
        self._until = until
        self._masking = masking
        self._record = record
        spill = str(lake.folder.parent / "spill")
        self._connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": spill})
        self._connection.execute("SET TimeZone = 'UTC'")
        # A file of the lake never changes under its name; reading its footer anew is a third of a small question.
        self._connection.execute("SET parquet_metadata_cache = true")
        self._views: dict[str, str] = {}
        self._made: dict[str, tuple[object, list[int]]] = {}
        self._busy = threading.RLock()
        self._still = threading.local()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Within this context, in this thread, do not look for what is new before each question; write nothing in it.

        Where a page has many questions, looking for what is new would cost more than the answers do.
        """
        self.refresh()
        before, self._still.on = getattr(self._still, "on", False), True
        try:
            yield
        finally:
            self._still.on = before

    def sql(self, query: str, **tables: pa.Table) -> pa.Table:
        """Return what a query answers; `tables` are given to it by name. Only code of ours writes queries."""
        with self._busy:
            self.refresh()
            for name, table in tables.items():
                self._connection.register(name, table)
            try:
                return self._connection.sql(query).to_arrow_table()
            finally:
                for name in tables:
                    self._connection.unregister(name)

    def batches(self, query: str, rows: int = 1 << 20) -> pa.RecordBatchReader:
        """Return what a query answers, `rows` at a time, on a cursor of its own."""
        with self._busy:
            self.refresh()
            return self._connection.cursor().sql(query).to_arrow_reader(rows)

    def table(self, name: str) -> ibis.Table:
        """Return a view as an Ibis table of this engine."""
        with self._busy:
            self.refresh()
            return ibis.duckdb.from_connection(self._connection).table(name)

    def answer(self, expression: ibis.Table) -> pa.Table:
        """Return the rows of an expression over this engine's tables; one at a time, from whatever thread."""
        with self._busy:
            return expression.to_pyarrow()

    def refresh(self) -> None:
        """Point the views at the lakes as they are now; within `still` they stay."""
        if getattr(self._still, "on", False):
            return
        masked = self.masked()
        for lake in self._lakes:
            for name in lake.names():
                made = lake.made_of(name)
                of, without = self._made.get(name, (None, None))
                if of is not made or without != masked:
                    self._view(name, _rows(*made, masked, self._until))
                    self._made[name] = (made, masked)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def masked(self) -> list[int]:
        """Return the imports that are left out: those that were undone."""
        if not self._masking:
            return []
        query = sa.select(MASKS.c.batch)
        if self._until:
            query = query.where(MASKS.c.received_at <= microseconds(self._until))
        with self._record.connect() as connection:
            return sorted(connection.scalars(query))

    def _view(self, name: str, rows: str) -> None:
        if self._views.get(name) == rows:
            return
        self._views[name] = rows
        if name in ("spend", "deals"):
            self._connection.execute(f"CREATE OR REPLACE VIEW {name}_history AS {rows}")
            rows = (
                f"SELECT * FROM {name}_history QUALIFY row_number() OVER "
                f"(PARTITION BY row_id ORDER BY changed_at DESC NULLS LAST, stated DESC, line DESC) = 1"
            )
        self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {rows}")


def _rows(files: list[str], columns: pa.Schema, masked: list[int], until: datetime | None) -> str:
    conditions = []
    if masked and "batch" in columns.names:
        conditions.append(f"batch NOT IN ({', '.join(map(str, masked))})")
    if until and "received_at" in columns.names:
        conditions.append(f"received_at <= make_timestamptz({microseconds(until)})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT * FROM {_source(files, columns)}{where}"


def _source(files: list[str], columns: pa.Schema) -> str:
    if files:
        listed = ", ".join("'" + str(Path(file)).replace("'", "''") + "'" for file in files)
        types = "hive_types = {'month': VARCHAR}, " if "month" in columns.names else ""
        return f"read_parquet([{listed}], union_by_name = true, {types}hive_partitioning = true)"
    nulls = ", ".join(f'NULL::{_duckdb_type(field.type)} AS "{field.name}"' for field in columns)
    return f"(SELECT {nulls} WHERE false)"


def _duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _duckdb_type(kind.value_type) + "[]"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ" if kind.tz else "TIMESTAMP"
    names = {
        pa.int64(): "BIGINT", pa.int32(): "INTEGER", pa.int16(): "SMALLINT", pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN", pa.date32(): "DATE",
    }  # fmt: skip
    return names.get(kind, "VARCHAR")
