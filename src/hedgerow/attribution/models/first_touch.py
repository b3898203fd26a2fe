"""First touch: the step that began the journey earns the whole."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.attribution.steps import firsts
from hedgerow.journeys.paths import Paths


def _weigh(paths: Paths, _: float) -> Floats:
    weights = np.zeros(len(paths.label))
    weights[firsts(paths)] = 1.0
    return weights


MODEL = Model(
    says="The step that began the journey earns the whole outcome.",
    rule="The earliest step within the lookback window earns all of it; every later step earns nothing. It asks "
    "what makes people aware, and is blind to what convinced them.",
    example="Podcast > Search > Email, 90.00 EUR: Podcast 90.00, Search 0.00, Email 0.00",
    weigh=_weigh,
)
