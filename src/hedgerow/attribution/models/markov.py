"""Markov: labels earn by what a chain of all journeys would lose without them."""

from collections.abc import Iterable

from hedgerow.attribution.model import Floats, Model, Parameter
from hedgerow.attribution.removal import removal_effects
from hedgerow.journeys.paths import Paths


def _fit(blocks: Iterable[Paths], order: float) -> Floats:
    return removal_effects(blocks, int(order))


MODEL = Model(
    says="A step earns by what would be lost if its channel were taken away.",
    rule="All journeys, also those without an outcome, make a chain whose states are the last channels seen (as "
    "many as the order); a state that would follow itself is left out. A channel's removal effect is the share of "
    "conversions lost when its states lead nowhere; the chain is not fitted again without it. Each outcome is "
    "divided among its own steps in proportion to the removal effects of their channels (Anderl et al. 2016, "
    "doi:10.1016/j.ijresmar.2016.03.001). Solved exactly, not simulated.",
    example="removal effects Podcast 0.4, Email 0.8; Podcast > Email, 90.00 EUR: Podcast 30.00, Email 60.00",
    fit=_fit,
    parameter=Parameter("order", 1, 1, 4, "How many of the last channels the chain remembers.", int),
)
