"""Clocks: which of them run for each lead, and when each is due by the calendar of the team that owns the lead."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.charter.calendar import due
from hedgerow.charter.deciding.statement import clocks
from hedgerow.charter.rules import Charter

INSTANT = pa.timestamp("us", "UTC")
RUNNING = pa.schema(
    [("row", pa.int64()), ("number", pa.int64()), ("clock", pa.string()), ("due", pa.int64()), ("to", pa.string())]
)
"""A clock that runs for a lead: when it is due (microseconds since 1970), and where the lead goes then, if it does."""


def running(charter: Charter, now: pa.Table) -> pa.Table:
    """Return a row of `RUNNING` for every clock of a lead's stage whose `must` is not met.

    A lead without an owner keeps the hours of no team: its clocks count the calendar of the stage's first team.
    """
    return pa.concat_tables([RUNNING.empty_table(), *_each(charter, now)])


def _each(charter: Charter, now: pa.Table) -> Iterator[pa.Table]:
    for number, ((stage, name), _) in enumerate(clocks(charter)):
        rules = charter.stages[stage]
        waits = pc.and_(pc.equal(now["stage"], stage), pc.invert(now[f"met_{number}"]))
        here = now.filter(waits)
        owner = pc.fill_null(here["owner"], rules.owner[0].team)
        for team in pc.unique(owner).to_pylist():
            own = here.filter(pc.equal(owner, team))
            calendar, clock = charter.calendars[charter.teams[team].calendar], rules.clocks[name]
            dues = due(calendar, own["entered"].to_numpy().astype(np.int64), clock.within)
            size = len(own)
            columns = [own["row"], [number] * size, [name] * size, dues, [clock.otherwise.to] * size]
            yield pa.table(columns, names=RUNNING.names).cast(RUNNING)
