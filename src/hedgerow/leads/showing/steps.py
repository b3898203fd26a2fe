"""Steps: what the charter asks of whoever has a lead, in words and as SQL."""

from collections.abc import Iterable

import pyarrow as pa

from hedgerow.charter import Charter, sentence
from hedgerow.charter.condition.sql import literal
from hedgerow.leads.commands import answered


def next_step(charter: Charter, stage: str, clock: str | None) -> str:
    """Return what the owner of a lead has to do in a stage, where this clock is due first, in words."""
    rules = charter.stages.get(stage)
    waits = rules.clocks[clock] if rules and clock in rules.clocks else None
    if waits is None:
        return "nothing: the charter waits for the lead"
    if waits.must is None:
        return f"nothing: '{clock}' ends its stay after {waits.within}"
    return f"'{clock}': until {sentence(waits.must)}"


def with_steps(charter: Charter, rows: pa.Table) -> pa.Table:
    """Return rows of stage and clock with the column next_step."""
    pairs = list(zip(rows["stage"].to_pylist(), rows["clock"].to_pylist(), strict=True))
    said = {pair: next_step(charter, *pair) for pair in set(pairs)}
    return rows.append_column("next_step", pa.array([said[pair] for pair in pairs], pa.string()))


def is_offered(charter: Charter) -> str:
    """Return the SQL that is true of a lead which sales has been offered, and has neither taken on nor sent back."""
    sales, stages = of_side(charter, "sales"), _listed(answered(charter))
    return f"(team IN ({sales}) AND stage IN ({stages}) AND NOT accepted AND NOT returned)"


def of_side(charter: Charter, side: str) -> str:
    """Return the teams of a side as SQL literals."""
    return _listed(name for name, team in charter.teams.items() if team.side == side)


def ends(charter: Charter) -> str:
    """Return the stages that are an end as SQL literals."""
    return _listed(name for name, stage in charter.stages.items() if stage.end)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names) or "''"
