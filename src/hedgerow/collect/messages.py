"""Messages: what came over HTTP, read into touches by the protocol, or the map, of its kind."""

from collections.abc import Callable
from functools import cached_property

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.collect.hooks.reading import question
from hedgerow.collect.hooks.receiving import KIND, map_of
from hedgerow.collect.protocol import MACROS, events_of, protocols, statement
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace
from hedgerow.ledger.intake.move import Read, Reader, read, unread
from hedgerow.ledger.touch import stated_schema

UNREADABLE = "it can't be read as a message of its kind"
"""The reason for what passed the door and still breaks the reading of it, so that nothing stops the mill."""


class Messages:
    """What reads the messages of a workspace, for one turn of the mill; `close` it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._schema = stated_schema(workspace.settings.fields)

    @cached_property
    def _con(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config={"memory_limit": "1GB"})
        con.execute("SET TimeZone = 'UTC'")
        settings = self._workspace.settings
        known = events_of(settings.events)
        con.register("known", pa.table({"name": list(known), "verb": list(known.values())}))
        con.execute("SET VARIABLE verbs = (SELECT map(list(name), list(verb)) FROM known)")
        con.execute("CREATE MACRO verb_of(name) AS getvariable('verbs')[name]")
        con.execute(f"CREATE MACRO house_currency() AS '{settings.workspace.currency}'")
        for macro in MACROS:
            con.execute(macro)
        return con

    def readers(self, kind: str) -> Reader | None:
        """Return what reads requests of a kind, or None where nothing here does."""
        protocol = protocols().get(kind)
        if protocol:
            query = statement(protocol, self._workspace.settings.fields)
            return lambda requests: self._read(requests, lambda part: self._asked(query, part))
        if kind.startswith(KIND):
            return self._hook(kind.removeprefix(KIND))
        return None

    def arrived(self, after: int, most: int) -> tuple[pa.Table, int]:
        """Return what arrived in the inbox after a request, `most` requests at the most, as touches stated.

        They have the columns of `STATED`, `received_at` and `fault`; the number is that of the last request.
        """
        taken = self._workspace.inbox.take(after, most)
        if not taken:
            return pa.table({}), after
        return read(taken, self._schema, self.readers)[0], taken.upto

    def close(self) -> None:
        """Let go of the working database."""
        if "_con" in self.__dict__:
            self._con.close()

    def _hook(self, name: str) -> Reader | None:
        if name not in self._workspace.settings.hooks:
            return None
        try:
            query = question(map_of(self._workspace, name), self._workspace.settings.fields)
        except HedgerowError as error:
            reason = f"its map can't be used: {error.sentence}"
            return lambda requests: unread(requests, self._schema, reason)
        return lambda requests: self._read(requests, lambda part: self._asked(query, part))

    def _read(self, requests: pa.Table, ask: Callable[[pa.Table], Read]) -> Read:
        """Return what was read; where a request breaks the reading, it alone becomes a drop."""
        try:
            return ask(requests)
        except (duckdb.Error, pa.ArrowInvalid):
            if len(requests) > 1:
                half = len(requests) // 2
                parts = [self._read(requests.slice(*cut), ask) for cut in ((0, half), (half,))]
                stated = pa.concat_tables([part.stated for part in parts])
                return Read(stated, pa.chunked_array([c for part in parts for c in part.payload.chunks], pa.string()))
            return unread(requests, self._schema, UNREADABLE)

    def _asked(self, query: str, requests: pa.Table) -> Read:
        body = pc.cast(requests["body"], pa.string())
        self._con.register("requests", requests.set_column(requests.schema.get_field_index("body"), "body", body))
        found = self._con.sql(query).to_arrow_table()
        if "fault" not in found.column_names:
            found = found.append_column("fault", pa.nulls(len(found), pa.string()))
        schema = pa.schema([*self._schema, ("request", pa.int64()), ("fault", pa.string())])
        columns = [
            found[field.name].cast(field.type) if field.name in found.column_names else pa.nulls(len(found), field.type)
            for field in schema
        ]
        return Read(pa.table(columns, schema=schema), found["message"].cast(pa.string()))
