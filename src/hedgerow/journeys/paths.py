"""Paths: the journeys of a block of units, laid end to end in flat arrays."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Codes = NDArray[np.int16]


@dataclass(frozen=True)
class Paths:
    """Journeys in order of unit and time; journey i owns the steps `bounds[i]:bounds[i + 1]`.

    A step is a touch that counts. Steps of a journey ascend in time. A journey ends in an outcome, or in
    none (its `outcome` is -1: the unit has not converted since). A journey may have no step: an outcome
    that nothing led to, whose value stays unattributed. No journey has neither.
    """

    labels: tuple[str, ...]
    """What the codes of `label` stand for: channels, campaigns, or whatever the paths were asked by."""
    label: Codes
    """(n,) the code of each step, an index into `labels`."""
    at: Integers
    """(n,) when each step occurred, in microseconds since 1970 UTC."""
    row: Integers
    """(n,) the place of each step among the marks it was read from; leads back to the touch."""
    bounds: Integers
    """(g + 1,) where each journey's steps begin; the last entry is n."""
    unit: Integers
    """(g,) the person or account."""
    outcome: Integers
    """(g,) the place of the outcome among the outcomes it was read from, or -1."""
    ended_at: Integers
    """(g,) when the outcome occurred, or the last step where there is none; microseconds."""
    value: Integers
    """(g,) the outcome's value in minor units of its currency; 0 where there is no outcome."""
    currency: Codes
    """(g,) an index into `currencies`, or -1 where the outcome states none."""
    currencies: tuple[str, ...]

    @cached_property
    def sizes(self) -> Integers:
        """(g,) how many steps each journey has."""
        return np.diff(self.bounds)

    @cached_property
    def journey(self) -> Integers:
        """(n,) the journey each step belongs to."""
        return np.repeat(np.arange(len(self.unit)), self.sizes)

    @cached_property
    def converted(self) -> NDArray[np.bool_]:
        """(g,) whether each journey ends in an outcome."""
        return self.outcome >= 0

    def ended_within(self, since: int, until: int) -> "Paths":
        """Return the journeys that ended in `since` (included) to `until` (not), microseconds since 1970 UTC."""
        return self.only((self.ended_at >= since) & (self.ended_at < until))

    def first_converted(self) -> "Paths":
        """Return for each unit its first journey that ended in an outcome."""
        places = np.flatnonzero(self.converted)
        first = np.ones(len(places), bool)
        first[1:] = self.unit[places[1:]] != self.unit[places[:-1]]
        first |= self.unit[places] < 0
        kept = np.zeros(len(self.unit), bool)
        kept[places[first]] = True
        return self.only(kept)

    def only(self, kept: NDArray[np.bool_]) -> "Paths":
        """Return the journeys where `kept`, of shape (g,), is true."""
        if kept.all():
            return self
        steps = kept[self.journey]
        bounds = np.zeros(int(kept.sum()) + 1, np.int64)
        np.cumsum(self.sizes[kept], out=bounds[1:])
        return replace(
            self,
            label=self.label[steps],
            at=self.at[steps],
            row=self.row[steps],
            bounds=bounds,
            unit=self.unit[kept],
            outcome=self.outcome[kept],
            ended_at=self.ended_at[kept],
            value=self.value[kept],
            currency=self.currency[kept],
        )
