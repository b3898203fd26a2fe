"""showing owns what pages and commands ask of leads: the day, the board, stories, audiences; it changes nothing."""

from hedgerow.leads.showing.audiences import CAP, Listed, audience, audiences
from hedgerow.leads.showing.story import Line, introduction, story
from hedgerow.leads.showing.views import Shown, board, health, lead, today

__all__ = [
    "CAP",
    "Line",
    "Listed",
    "Shown",
    "audience",
    "audiences",
    "board",
    "health",
    "introduction",
    "lead",
    "story",
    "today",
]
