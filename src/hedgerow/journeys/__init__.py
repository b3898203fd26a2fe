"""journeys owns channels and automata, touches in order, sessions and paths; it weighs no touch."""

from hedgerow.journeys.conclude import RULES_VERSION, conclude
from hedgerow.journeys.distinct import distinct
from hedgerow.journeys.marks import mark
from hedgerow.journeys.paths import Paths
from hedgerow.journeys.reading import STEPS, Outcomes
from hedgerow.journeys.sessions import Sessions, sessions
from hedgerow.journeys.walk import Way, walk, way_of

__all__ = [
    "RULES_VERSION",
    "STEPS",
    "Outcomes",
    "Paths",
    "Sessions",
    "Way",
    "conclude",
    "distinct",
    "mark",
    "sessions",
    "walk",
    "way_of",
]
