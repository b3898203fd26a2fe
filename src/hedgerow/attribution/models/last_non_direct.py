"""Last non-direct touch: the last step that somebody or something led to earns the whole."""

import numpy as np

from hedgerow.attribution.model import Floats, Model
from hedgerow.attribution.steps import firsts, lasts
from hedgerow.journeys.paths import Paths

DIRECT = "Direct"


def _weigh(paths: Paths, _: float) -> Floats:
    weights = np.zeros(len(paths.label))
    first = firsts(paths)
    if len(first):
        led = np.array([label != DIRECT for label in paths.labels])[paths.label]
        place = np.maximum.reduceat(np.where(led, np.arange(len(led)), -1), first)
        weights[np.where(place >= 0, place, lasts(paths))] = 1.0
    return weights


MODEL = Model(
    says="The last step that is not a direct visit earns the whole outcome.",
    rule=f"The latest step whose label is not '{DIRECT}' (written exactly so) earns all of it. Where every step of "
    "the journey is direct, the last one earns. A direct visit says that somebody came back, not what brought them.",
    example="Podcast > Email > Direct, 90.00 EUR: Podcast 0.00, Email 90.00, Direct 0.00",
    weigh=_weigh,
)
