"""The walk: every unit's touches in order, cut at its outcomes, as blocks of paths."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hedgerow.journeys.paths import Paths
from hedgerow.journeys.reading import Outcomes, Steps, read_outcomes, read_steps, units
from hedgerow.ledger import Workspace

I64 = NDArray[np.int64]
DAY = 86_400_000_000
BLOCK = 1 << 22
"""Rows in a block, about: a block is the touches and outcomes of some of the units."""
KEPT = 1 << 23


@dataclass(frozen=True)
class Way:
    """How journeys are asked for: the unit, the label of a step, which verbs are outcomes, how far to look back."""

    unit: str
    by: str
    outcomes: tuple[str, ...]
    lookback_days: int


def way_of(workspace: Workspace, by: str = "channel", outcomes: Sequence[str] | None = None) -> Way:
    """Return the way the workspace's settings say; `outcomes` are verbs, those of the settings if not given."""
    settings = workspace.settings.journeys
    return Way(settings.unit, by, tuple(settings.outcomes if outcomes is None else outcomes), settings.lookback_days)


class Journeys:
    """All journeys, as blocks of paths that may be gone through again and again, always the same.

    Few are kept; many (more than `KEPT` rows) are put in order anew each time, one block in memory at a time.
    """

    def __init__(
        self, labels: tuple[str, ...], outcomes: Outcomes, made: Callable[[], Iterator[Paths]], keep: bool
    ) -> None:
        self.labels, self.outcomes = labels, outcomes
        self._made, self._keep = made, keep
        self._kept: list[Paths] | None = None

    def __iter__(self) -> Iterator[Paths]:
        if not self._keep:
            return self._made()
        if self._kept is None:
            self._kept = list(self._made())
        return iter(self._kept)

    def only(self, change: Callable[[Paths], Paths]) -> "Journeys":
        """Return these journeys with every block made less by `change`."""
        return Journeys(self.labels, self.outcomes, lambda: map(change, self), self._keep)


def walk(workspace: Workspace, way: Way) -> Journeys:
    """Return all journeys, and with them the outcomes that their `outcome` points into.

    Touches of one instant stand before an outcome of that instant, and among themselves in the order of their
    ids. A journey ends with its outcome and the next begins behind it; steps more than the lookback window
    before its end are left out.
    """
    unit_of = units(workspace, way.unit)
    steps = read_steps(workspace, way.by, unit_of)
    outcomes = read_outcomes(workspace, way.outcomes, way.unit, unit_of)
    few = len(steps.unit) <= KEPT
    return Journeys(steps.labels, outcomes, lambda: blocks(steps, outcomes, way.lookback_days), few)


def blocks(steps: Steps, outcomes: Outcomes, lookback_days: int) -> Iterator[Paths]:
    """Yield the paths of the steps and outcomes, some units at a time, each unit in one block."""
    highest = max(int(each.max()) if len(each) else -1 for each in (steps.unit, outcomes.unit))
    count = max(1, (len(steps.unit) + len(outcomes.unit)) // BLOCK)
    width = max(1, -(-(highest + 2) // count))
    step_block = _narrow((steps.unit + 1) // width)
    outcome_block = _narrow((outcomes.unit + 1) // width)
    for block in range(count):
        rows = np.flatnonzero(step_block == block)
        ends = np.flatnonzero(outcome_block == block)
        if len(rows) or len(ends):
            yield _paths(steps, outcomes, rows, ends, lookback_days * DAY)


def _narrow(block: NDArray[np.int32]) -> NDArray[np.int16]:
    return block.astype(np.int16)


def _paths(steps: Steps, outcomes: Outcomes, rows: I64, ends: I64, lookback: int) -> Paths:
    unit = np.concatenate([steps.unit[rows], outcomes.unit[ends]])
    at = np.concatenate([steps.at[rows], outcomes.at[ends]])
    order = in_order(unit, at, np.concatenate([steps.tie[rows], np.zeros(len(ends), np.int32)]), len(rows))
    unit, at = unit[order], at[order]
    ending = order >= len(rows)
    # A journey begins with a new unit or behind an outcome; deals that name nobody (-1) are each alone.
    begins = np.ones(len(order), bool)
    begins[1:] = (unit[1:] != unit[:-1]) | ending[:-1]
    journey = np.cumsum(begins) - 1
    last = np.append(np.flatnonzero(begins)[1:], len(order)) - 1
    within = ~ending & (at >= at[last][journey] - lookback)
    kept = order[within]
    bounds = np.zeros(len(last) + 1, np.int64)
    np.cumsum(np.bincount(journey[within], minlength=len(last)), out=bounds[1:])
    place = np.where(ending[last], order[last] - len(rows), -1)
    outcome = np.where(place >= 0, ends[place] if len(ends) else -1, -1)
    has = outcome >= 0
    return Paths(
        labels=steps.labels,
        label=steps.label[rows[kept]],
        at=at[within],
        row=rows[kept],
        bounds=bounds,
        unit=unit[last].astype(np.int64),
        outcome=outcome,
        ended_at=at[last],
        value=np.where(has, outcomes.value[outcome], 0) if len(ends) else np.zeros(len(last), np.int64),
        currency=np.where(has, outcomes.currency[outcome], -1).astype(np.int16)
        if len(ends)
        else np.full(len(last), -1, np.int16),
        currencies=outcomes.currencies,
    )


def in_order(unit: NDArray[np.int32], at: I64, tie: NDArray[np.int32], outcomes_from: int) -> NDArray[np.intp]:
    """Return the order by unit, time, kind and tie; rows from `outcomes_from` on are outcomes, steps come first.

    Unit, time and kind are packed into one 64-bit word and sorted at once; where they do not fit, the time is
    packed coarser. Equal words are then put in order for themselves: there are few.
    """
    if not len(unit):
        return np.zeros(0, np.intp)
    local, since = unit - unit.min(), at - at.min()
    unit_bits, time_bits = int(local.max()).bit_length(), int(since.max()).bit_length()
    coarse = max(0, unit_bits + time_bits + 1 - 64)
    word = local.astype(np.uint64) << np.uint64(time_bits - coarse + 1)
    word |= (since >> coarse).astype(np.uint64) << np.uint64(1)
    if not coarse:
        word[outcomes_from:] |= np.uint64(1)
    order = np.argsort(word)
    packed = word[order]
    same = np.zeros(len(order) + 1, bool)
    same[1:-1] = packed[1:] == packed[:-1]
    tied = np.flatnonzero(same[1:] | same[:-1])
    if len(tied):
        members = order[tied]
        kind = members >= outcomes_from
        finer = np.lexsort((members, tie[members], kind, at[members], unit[members]))
        order[tied] = members[finer]
    return order
