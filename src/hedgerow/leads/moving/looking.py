"""Looking: leads with their facts and what the charter says of them at an instant, missed clocks among it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.charter import Charter, decide, due
from hedgerow.leads.change import instant
from hedgerow.leads.knowing import changes_at, facts_of
from hedgerow.ledger import Workspace
from hedgerow.people import Clusters

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Looked:
    """Leads as they are at an instant: `facts` (see `facts_of`) and `said` (see `charter.DECIDED`), row by row.

    `late` gives the clocks of a row that were met, but only after they were due; `next_at` is when time alone can
    change a row next, in microseconds.
    """

    facts: pa.Table
    said: pa.Table
    late: dict[int, list[str]]
    next_at: I64


def members_of(known: Clusters, leads: I64, codes: I64) -> pa.Table:
    """Return which identifier codes (of `codes`) belong to the person of each lead, as columns code and lead."""
    if not len(leads):
        return pa.table({"code": leads, "lead": leads})
    whose = known.person[leads]
    order = np.argsort(whose, kind="stable")
    person = known.person[codes]
    first = np.searchsorted(whose[order], person, side="left")
    count = np.searchsorted(whose[order], person, side="right") - first
    at = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    return pa.table({"code": np.repeat(codes, count), "lead": leads[order][at]})


def look(
    workspace: Workspace,
    charter: Charter,
    pairs: pa.Table,
    members: pa.Table,
    at: int,
    changes: pa.Table | None = None,
) -> Looked:
    """Return what is known and decided of the leads of `pairs` (as in `facts_of`, `row` their place) at an instant."""
    facts = facts_of(workspace, charter, pairs, members, changes)
    said = decide(charter, facts, instant(at))
    late: dict[int, list[str]] = {}
    asked = _due_and_met(charter, facts, said, at)
    if len(asked):
        # Whoever looks only now must not take a clock for met that was due before.
        then = facts_of(workspace, charter, asked.select(pairs.column_names), members, changes)
        ran_out = decide(charter, then, instant(at))["lapsed"].to_pylist()
        for name, row, lapsed in zip(asked["clock"].to_pylist(), asked["of"].to_pylist(), ran_out, strict=True):
            if name in lapsed:
                late.setdefault(row, []).append(name)
    return Looked(facts, said, late, changes_at(charter, facts, said["next_due_at"], at))


def _due_and_met(charter: Charter, facts: pa.Table, said: pa.Table, at: int) -> pa.Table:
    """Return each clock that was due, waits for something, and neither runs nor was told of, as of when it was due."""
    parts = []
    for stage, rules in charter.stages.items():
        here = np.flatnonzero(pc.equal(facts["stage"], stage).to_numpy())
        waiting = {name: clock for name, clock in rules.clocks.items() if clock.must}
        if not len(here) or not waiting:
            continue
        entered = facts["entered_at"].cast(pa.int64()).to_numpy()[here]
        teams = np.array(said["owner"].fill_null(rules.owner[0].team).to_pylist(), object)[here]
        for name, clock in waiting.items():
            dues = np.zeros(len(here), np.int64)
            for team in set(teams):
                own = teams == team
                dues[own] = due(charter.calendars[charter.teams[team].calendar], entered[own], clock.within)
            parts.append(_asked(facts, said, here[dues <= at], dues[dues <= at], name))
    whole = pa.concat_tables(parts) if parts else _NONE
    return whole.set_column(0, "row", pa.array(np.arange(len(whole)), pa.int64()))


def _asked(facts: pa.Table, said: pa.Table, place: I64, dues: I64, clock: str) -> pa.Table:
    some = pa.array(place)
    known = zip(said["lapsed"].take(some).to_pylist(), facts["told"].take(some).to_pylist(), strict=True)
    met = np.array([clock not in lapsed and clock not in (told or ()) for lapsed, told in known], bool)
    met &= ~facts["ceded_to"].take(some).is_valid().to_numpy() & ~facts["begin"].take(some).is_valid().to_numpy()
    place, dues = place[met], dues[met]
    some, size = pa.array(place), len(place)
    columns = [place, facts["lead"].take(some), facts["person"].take(some), dues, [None] * size, [clock] * size, place]
    return pa.table(columns, schema=_NONE.schema)


_NONE = pa.schema(
    [
        ("row", pa.int64()),
        ("lead", pa.int64()),
        ("person", pa.int64()),
        ("instant", pa.int64()),
        ("begin", pa.string()),
        ("clock", pa.string()),
        ("of", pa.int64()),
    ]
).empty_table()
