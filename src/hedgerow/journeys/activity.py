"""Activity: what the people behind some identifiers did, by channel group, and how many journeys it makes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.journeys.marks import prepare
from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.ledger import Workspace


@dataclass(frozen=True)
class Activity:
    """What people did: `channels` has channel_group, touches, people (identifiers), first_at and last_at, most touches
    first; `journeys` counts their ways to an outcome, `open` whether there were steps since the last one."""

    channels: pa.Table
    journeys: int
    open: bool


def activity(workspace: Workspace, codes: NDArray[np.int64]) -> Activity:
    """Return what was done by identifiers (codes) together, as one unit; automata and what has no channel left out."""
    prepare(workspace)
    mine = pa.table({"code": codes})
    channels = workspace.engine.sql(_CHANNELS, mine=mine)
    wanted = ", ".join(f"'{verb}'" for verb in workspace.settings.journeys.outcomes)
    won = "win" in workspace.settings.journeys.outcomes
    rows = workspace.engine.sql(_OUTCOMES.format(wanted=wanted, won=str(won).lower()), mine=mine).to_pylist()[0]
    last = max(channels["last_at"].to_pylist(), default=None)
    still = last is not None and (rows["last_at"] is None or last > rows["last_at"])
    return Activity(channels, rows["outcomes"] + still, still)


_CHANNELS = f"""
SELECT channel_group, count(*) AS touches, count(DISTINCT actor_code) AS people, min(occurred_at) AS first_at,
       max(occurred_at) AS last_at
FROM {BY_PEOPLE} WHERE channel IS NOT NULL AND actor_code IN (SELECT code FROM mine)
GROUP BY channel_group ORDER BY touches DESC, channel_group
"""
_OUTCOMES = (
    """
SELECT count(*) AS outcomes, max(at_) AS last_at FROM (
  SELECT occurred_at AS at_ FROM BY_PEOPLE WHERE verb IN ({wanted}) AND actor_code IN (SELECT code FROM mine)
  UNION ALL SELECT closed_at FROM deals WHERE {won} AND won AND closed_at IS NOT NULL
  AND coalesce(account_code, people_codes[1]) IN (SELECT code FROM mine))
"""
).replace("BY_PEOPLE", BY_PEOPLE)
