"""Linear: every step earns the same."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.journeys.paths import Paths


def _weigh(paths: Paths, _: float) -> Floats:
    shares: Floats = 1.0 / np.maximum(paths.sizes, 1)
    return shares[paths.journey]


MODEL = Model(
    says="Every step of the journey earns the same.",
    rule="The outcome is divided equally among all steps; a channel with two steps earns two shares. Cents that do "
    "not divide go to the earlier steps.",
    example="Podcast > Search > Search, 90.00 EUR: Podcast 30.00, Search 60.00",
    weigh=_weigh,
)
