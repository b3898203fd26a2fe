"""Position based: the first and the last step earn 40 % each, those between them share 20 %."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.attribution.steps import firsts, lasts
from hedgerow.journeys.paths import Paths

END = 0.4


def _weigh(paths: Paths, _: float) -> Floats:
    sizes = paths.sizes[paths.sizes > 0]
    between: Floats = (1.0 - 2 * END) / np.maximum(paths.sizes - 2, 1)
    weights = between[paths.journey]
    end = np.select([sizes == 1, sizes == 2], [1.0, 0.5], END)
    weights[firsts(paths)] = end
    weights[lasts(paths)] = end
    return weights


MODEL = Model(
    says="The first and the last step earn 40 % each; the steps between them share the rest.",
    rule="40 % to the first step, 40 % to the last, and 20 % in equal shares to those between. Two steps earn 50 % "
    "each; a single step earns all. Also called U-shaped.",
    example="Podcast > Search > Forum > Email, 90.00 EUR: Podcast 36.00, Search 9.00, Forum 9.00, Email 36.00",
    weigh=_weigh,
)
