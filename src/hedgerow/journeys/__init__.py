"""journeys owns channels and automata, touches in order, sessions and paths; it weighs no touch."""

from hedgerow.journeys.activity import Activity, activity
from hedgerow.journeys.conclusions.automata import automata
from hedgerow.journeys.conclusions.channels import GROUPS
from hedgerow.journeys.conclusions.conclude import RULES_VERSION, conclude
from hedgerow.journeys.conclusions.residues import residues
from hedgerow.journeys.distinct import distinct
from hedgerow.journeys.marks import mark, prepare, rules_of_marks
from hedgerow.journeys.paths import Paths
from hedgerow.journeys.reading import NO_CAMPAIGN, STEPS, Outcomes
from hedgerow.journeys.sessions import Sessions, sessions
from hedgerow.journeys.swarms import SWARMS, swarms_among
from hedgerow.journeys.walk import Journeys, Way, walk, way_of

__all__ = [
    "GROUPS",
    "NO_CAMPAIGN",
    "RULES_VERSION",
    "STEPS",
    "SWARMS",
    "Activity",
    "Journeys",
    "Outcomes",
    "Paths",
    "Sessions",
    "Way",
    "activity",
    "automata",
    "conclude",
    "distinct",
    "mark",
    "prepare",
    "residues",
    "rules_of_marks",
    "sessions",
    "swarms_among",
    "walk",
    "way_of",
]
