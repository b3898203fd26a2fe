"""Division: outcomes divided among their steps in whole minor units and millionths, nothing made or lost."""

from dataclasses import dataclass

import numpy as np

from hedgerow.attribution.steps import Floats
from hedgerow.journeys.paths import Integers, Paths
from hedgerow.kit import money

MILLION = 1_000_000
"""An outcome is counted in millionths, so that counts divide as exactly as money."""


@dataclass(frozen=True)
class Shares:
    """What each step earned of its journey's outcome, and what nobody earned of each outcome.

    For every outcome its steps and its unattributed part sum to its value, and to a million. Steps of a
    journey without an outcome earn 0.
    """

    value: Integers
    """(n,) minor units of the outcome's currency; negative where the outcome is."""
    millionths: Integers
    """(n,) of one outcome."""
    unattributed_value: Integers
    """(g,) the whole value where the journey has no step, else 0."""
    unattributed_millionths: Integers
    """(g,) a million where an outcome has no step, else 0."""


@dataclass(frozen=True)
class Totals:
    """Sums of shares by label and currency, to be added up over blocks.

    Both have shape (k + 1, c + 1): the last row is unattributed, the last column outcomes of no currency.
    """

    value: Integers
    millionths: Integers

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.value + other.value, self.millionths + other.millionths)


def divide(paths: Paths, weights: Floats) -> Shares:
    """Return the shares of all outcomes; `weights` has shape (n,) and sums to 1 in every journey with steps."""
    led = paths.converted & (paths.sizes > 0)
    alone = paths.converted & (paths.sizes == 0)
    steps = np.repeat(led, paths.sizes)
    bounds = np.concatenate([[0], np.cumsum(paths.sizes[led])])
    earning = weights[steps]
    value, millionths = np.zeros(len(weights), np.int64), np.zeros(len(weights), np.int64)
    value[steps] = money.divide_groups(paths.value[led], earning, bounds)
    millionths[steps] = money.divide_groups(np.full(len(bounds) - 1, MILLION), earning, bounds)
    return Shares(value, millionths, np.where(alone, paths.value, 0), np.where(alone, MILLION, 0))


def totals(paths: Paths, shares: Shares) -> Totals:
    """Return the sums of a block's shares by label and currency, in 64-bit integers throughout."""
    shape = (len(paths.labels) + 1, len(paths.currencies) + 1)
    sums = Totals(np.zeros(shape, np.int64), np.zeros(shape, np.int64))
    # A small share of a large value can be no millionth, and a small value can be divided into none.
    earned, alone = np.flatnonzero(shares.value | shares.millionths), np.flatnonzero(shares.unattributed_millionths)
    cell = (paths.label[earned], paths.currency[paths.journey[earned]])
    np.add.at(sums.value, cell, shares.value[earned])
    np.add.at(sums.millionths, cell, shares.millionths[earned])
    # Unattributed is a row; a currency of -1 is the last column of itself.
    np.add.at(sums.value[-1], paths.currency[alone], shares.unattributed_value[alone])
    np.add.at(sums.millionths[-1], paths.currency[alone], shares.unattributed_millionths[alone])
    return sums
