"""Instants: when, by time alone, what the charter says of a lead can next be something else."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.charter import Charter
from hedgerow.leads.knowing.compared import compared, facts_in
from hedgerow.leads.knowing.facts import DAY, TICK

I64 = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
_HOUR = DAY // 24


def changes_at(charter: Charter, facts: pa.Table, dues: pa.ChunkedArray, at: int) -> I64:
    """Return for each row of `facts_of` the first instant behind `at` at which time can change what is decided.

    That is when a clock is due (`dues`), the lead wakes, days reach a number that a condition compares them with, a
    touch leaves the last 30 days or is there that was dated ahead, or the score decays. Where a condition reckons
    with days it is looked at each hour. `NEVER` where time changes nothing.
    """
    found = [_instants(dues, at), _instants(facts["wake_at"], at), *(_instants(facts[n], at) for n in _AHEAD)]
    thresholds, reckoned = compared(charter, lambda fact: fact.grows)
    for name, days in thresholds.items():
        base = _known(facts[f"since {name}"])
        for number in days:
            reached = base + int(number * DAY)
            found += [_behind(base, instants, at) for instants in (reached, reached + TICK)]
    if any(fact.fades for fact in facts_in(charter)):
        window = _known(facts["window_at"])
        found.append(_behind(window, window + 30 * DAY, at))
    if reckoned:
        found.append(np.full(len(facts), (at // _HOUR + 1) * _HOUR))
    first: I64 = np.minimum.reduce(found)
    return first


_AHEAD = ("future_at", "score_at")


def _instants(column: pa.ChunkedArray, at: int) -> I64:
    base = _known(column.cast(pa.int64()))
    return _behind(base, base, at)


def _known(column: pa.ChunkedArray) -> I64:
    found: I64 = column.cast(pa.int64()).fill_null(NEVER).to_numpy()
    return found


def _behind(base: I64, instants: I64, at: int) -> I64:
    return np.where((base != NEVER) & (instants > at), instants, NEVER)
