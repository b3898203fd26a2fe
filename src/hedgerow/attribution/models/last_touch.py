"""Last touch: the step right before the outcome earns the whole."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.attribution.steps import lasts
from hedgerow.journeys.paths import Paths


def _weigh(paths: Paths, _: float) -> Floats:
    weights = np.zeros(len(paths.label))
    weights[lasts(paths)] = 1.0
    return weights


MODEL = Model(
    says="The last step before the outcome earns the whole of it.",
    rule="The latest step at or before the outcome earns all of it; every earlier step earns nothing. It asks what "
    "closes, and is blind to what began.",
    example="Podcast > Search > Email, 90.00 EUR: Podcast 0.00, Search 0.00, Email 90.00",
    weigh=_weigh,
)
