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
    places = slice(None) if led.all() else np.flatnonzero(led[paths.journey])
    bounds = np.concatenate([[0], np.cumsum(paths.sizes[led])])
    group = (np.cumsum(led) - 1)[paths.journey[places]]
    value, millionths = np.zeros(len(weights), np.int64), np.zeros(len(weights), np.int64)
    value[places] = money.divide_groups(paths.value[led], weights[places], bounds, group)
    millionths[places] = money.divide_groups(np.full(len(bounds) - 1, MILLION), weights[places], bounds, group)
    return Shares(value, millionths, np.where(alone, paths.value, 0), np.where(alone, MILLION, 0))


def totals(paths: Paths, shares: Shares) -> Totals:
    """Return the sums of a block's shares by label and currency, in 64-bit integers throughout."""
    height, width = len(paths.labels) + 1, len(paths.currencies) + 1
    # A small share of a large value can be no millionth, and a small value can be divided into none.
    earned, alone = np.flatnonzero(shares.value | shares.millionths), np.flatnonzero(shares.unattributed_millionths)
    # A currency of -1 is the last column of its row.
    currency = paths.currency.astype(np.int64) % width
    steps = paths.label[earned].astype(np.int64) * width + currency[paths.journey[earned]]
    cell = np.concatenate([steps, (height - 1) * width + currency[alone]])
    value, millionths = np.zeros(height * width, np.int64), np.zeros(height * width, np.int64)
    np.add.at(value, cell, np.concatenate([shares.value[earned], shares.unattributed_value[alone]]))
    np.add.at(millionths, cell, np.concatenate([shares.millionths[earned], shares.unattributed_millionths[alone]]))
    return Totals(value.reshape(height, width), millionths.reshape(height, width))
