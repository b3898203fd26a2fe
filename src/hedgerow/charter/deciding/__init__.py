"""deciding owns what the charter says of each lead of a table, all at once; the same input, the same answer."""

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from hedgerow.charter.deciding import statement
from hedgerow.charter.deciding.admitting import admit
from hedgerow.charter.deciding.clocks import INSTANT, running
from hedgerow.charter.deciding.routing import Desk, assign
from hedgerow.charter.rules import Charter
from hedgerow.kit.clock import microseconds

__all__ = ["DECIDED", "Desk", "assign", "decide"]

DECIDED = pa.schema(
    [
        ("stage", pa.string()),
        ("grade", pa.string()),
        ("segment", pa.string()),
        ("track", pa.string()),
        ("points", pa.int64()),
        ("owner", pa.string()),
        ("owners", pa.list_(pa.string())),
        ("own_route", pa.string()),
        ("transition", pa.string()),
        ("holding", pa.list_(pa.string())),
        ("to", pa.string()),
        ("next_owner", pa.string()),
        ("route", pa.string()),
        ("audiences", pa.list_(pa.string())),
        ("meant", pa.list_(pa.string())),
        ("suppressed", pa.list_(pa.string())),
        ("clock", pa.string()),
        ("due_at", INSTANT),
        ("next_due_at", INSTANT),
        ("lapsed", pa.list_(pa.string())),
    ]
)
"""What is decided of a lead: `owner` is the team that owns it now, `own_route` its route there;
`transition` (or the clock that ran out) takes it `to` a stage, where `next_owner` has it and `route` finds a person;
`owners` and `holding` list all lines and transitions that hold, in their order; `audiences` are those it may be in,
`meant` those whose own rule takes it, `suppressed` the rules that keep it out of some; `clock` is the running one that
is due first, `next_due_at` when the first that has not run out is due, `lapsed` are those that ran out."""

_MOVED = """
SELECT now.*, coalesce(holding[1], lapse[1].clock) AS transition, coalesce({target}, lapse[1]."to") AS "to",
       coalesce(clock, []) AS clocks, coalesce(lapsed, []) AS lapsed,
       following
FROM now LEFT JOIN (
  SELECT row, list({{clock: clock, due: due}} ORDER BY due, number) AS clock,
         list(clock ORDER BY due, number) FILTER (due <= {at}) AS lapsed,
         min(due) FILTER (due > {at}) AS following,
         list({{clock: clock, "to": "to"}} ORDER BY due, number) FILTER (due <= {at} AND "to" IS NOT NULL) AS lapse
  FROM clocks GROUP BY row
) USING (row)
"""


def decide(charter: Charter, leads: pa.Table, at: datetime) -> pa.Table:
    """Return a row of `DECIDED` for each row of `leads`, in their order, as of the instant `at`.

    `leads` has `stage`, `entered_at` (an instant) and a column for each fact it knows; a fact that can be NULL may
    be left out. Numbers count to four decimals. Raises `HedgerowError` for a value outside what a fact can be.
    """
    with duckdb.connect() as database:
        admit(charter, leads.append_column("row", pa.array(np.arange(len(leads)))), database)
        database.execute(f"CREATE TABLE known AS {statement.known(charter, 'admitted')}")
        database.execute(f"CREATE TABLE now AS SELECT {', '.join(statement.now(charter))} FROM known")
        database.register("clocks", running(charter, database.sql("FROM now").to_arrow_table()))
        moved = _MOVED.format(at=microseconds(at), target=statement.target(charter))
        database.execute(f"CREATE TABLE moved AS {moved}")
        entered = statement.known(charter, f"({statement.entering(charter)})")
        decided = database.sql(
            f"""SELECT {", ".join(f'"{name}"' for name in DECIDED.names)} FROM (
                SELECT moved.*, clocks[1].clock AS clock, make_timestamptz(clocks[1].due) AS due_at,
                       make_timestamptz(following) AS next_due_at, entered.* EXCLUDE (row)
                FROM moved JOIN (SELECT row, {", ".join(statement.then(charter))} FROM ({entered})) AS entered
                USING (row) ORDER BY row)"""
        ).to_arrow_table()
    return decided.cast(DECIDED)
