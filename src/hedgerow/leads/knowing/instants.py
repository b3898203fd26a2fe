"""Instants: when, by time alone, what the charter says of a lead can next be something else."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.charter import Charter, Condition
from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import Fact
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
    thresholds, reckoned = _asked(charter)
    for name, days in thresholds.items():
        base = _known(facts[f"since {name}"])
        for number in days:
            reached = base + int(number * DAY)
            found += [_behind(base, instants, at) for instants in (reached, reached + TICK)]
    if any(fact.fades for fact in _facts(charter)):
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


def conditions(charter: Charter) -> Iterator[Condition]:
    """Yield every condition that says something of a lead where it stands."""
    rules = (charter.score, charter.grades, charter.segments, charter.transitions, charter.audiences)
    for named in (*rules, charter.suppression):
        yield from (rule.when for rule in named.values())
    for stage in charter.stages.values():
        yield from (line.when for line in stage.owner if line.when)
        yield from (clock.must for clock in stage.clocks.values() if clock.must)


def _facts(charter: Charter) -> Iterator[Fact]:
    for condition in conditions(charter):
        yield from condition.facts.values()


def _asked(charter: Charter) -> tuple[dict[str, set[Decimal]], bool]:
    """Return the numbers each fact that grows is compared with, and whether one is reckoned with otherwise."""
    thresholds: dict[str, set[Decimal]] = {}
    reckoned = False
    for node in (node for condition in conditions(charter) for node in t.walk(condition.tree)):
        if not isinstance(node, t.Compare | t.Same | t.Among | t.Plus | t.Times | t.Coalesce):
            continue
        parts = t.within(node)
        growing = [part.fact.name for part in parts if isinstance(part, t.Named) and part.fact.grows]
        numbers = {part.value for part in parts if isinstance(part, t.Value) and isinstance(part.value, Decimal)}
        plain = isinstance(node, t.Compare | t.Same | t.Among) and len(growing) == 1
        if plain and all(isinstance(part, t.Named | t.Value) for part in parts) and len(numbers) == len(parts) - 1:
            thresholds.setdefault(growing[0], set()).update(numbers)
        elif growing:
            reckoned = True
    return thresholds, reckoned
