"""Time decay: a step earns half as much for every half-life it lies before the outcome."""

import numpy as np

from hedgerow.attribution.model import Floats, Model, Parameter
from hedgerow.attribution.steps import normalised
from hedgerow.journeys.paths import Paths

DAY = 86_400_000_000


def _weigh(paths: Paths, half_life: float) -> Floats:
    # Only differences of age count once shares sum to 1. So age is counted back from the last step, not from the
    # outcome: the last step weighs 1, and no journey underflows to 0/0, however old.
    age = paths.at[paths.bounds[1:][paths.journey] - 1] - paths.at
    return normalised(paths, np.exp2(age / (-DAY * half_life)))


MODEL = Model(
    says="A step earns half as much for every half-life it lies before the outcome.",
    rule="The weight of a step is 2 to the power of minus its age, in half-lives, when the outcome occurred; the "
    "weights of a journey are then made to sum to 1. Steps of the same instant weigh the same.",
    example="half-life 7 days; Podcast 14 days before, Email the same day, 90.00 EUR: Podcast 18.00, Email 72.00",
    weigh=_weigh,
    parameter=Parameter("half-life", 7.0, 0.01, 3650.0, "Days after which a step weighs half."),
)
