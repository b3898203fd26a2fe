"""Shapley: every channel earns its average contribution to the coalitions of channels it could join."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.attribution.steps import slices
from hedgerow.journeys.paths import Integers, Paths


def _weigh(paths: Paths, _: float) -> Floats:
    weights = np.ones(len(paths.label))
    for start, stop, first in slices(paths):
        weights[start:stop] = _shares(paths.label[start:stop].astype(np.int64), first)
    return weights


def _shares(label: Integers, first: Integers) -> Floats:
    """Return 1 / (distinct labels of the journey x steps of the same label in it), for each step.

    Journey, label and step are packed into one word and sorted, so that steps to be counted together are
    neighbours; a plain sort of words is many times faster than ordering rows by two columns.
    """
    bits = len(label).bit_length()
    journey = np.repeat(np.arange(len(first)), np.diff(first, append=len(label)))
    width = int(label.max()) + 1
    words = ((journey * width + label) << bits) | np.arange(len(label))
    words.sort()
    pair = words >> bits
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    same = np.diff(begins, append=len(pair))
    distinct = np.bincount(pair[begins] // width, minlength=len(first))
    shares = np.empty(len(label))
    shares[words & ((1 << bits) - 1)] = np.repeat(1.0 / same, same)
    return shares / distinct[journey]


MODEL = Model(
    says="Every channel of the journey earns the same; its steps share what it earns.",
    rule="The Shapley value (1953) of the game in which a set of channels is worth the outcomes whose journeys "
    "used no channel outside it: each outcome is divided equally among the distinct channels of its journey "
    "(proved against all orders and coalitions by the tests), and what a channel earns equally among its steps.",
    example="Podcast > Search > Search, 90.00 EUR: Podcast 45.00, Search 45.00 (22.50 a step)",
    weigh=_weigh,
)
