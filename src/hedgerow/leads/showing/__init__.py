"""showing owns what pages and commands ask of leads: the day, the board, stories, audiences; it changes nothing."""

from hedgerow.leads.showing.audiences import CAP, Listed, audience, audiences
from hedgerow.leads.showing.day import LISTENS, SOON, Day, day
from hedgerow.leads.showing.listing import ORDERS, Sought, cards, choices, listed
from hedgerow.leads.showing.past import Past
from hedgerow.leads.showing.standing import Clock, Standing, Way, standing
from hedgerow.leads.showing.story import PARTS, Line, introduction, story
from hedgerow.leads.showing.views import Shown, board, health, lead, today

__all__ = [
    "CAP",
    "LISTENS",
    "ORDERS",
    "PARTS",
    "SOON",
    "Clock",
    "Day",
    "Line",
    "Listed",
    "Past",
    "Shown",
    "Sought",
    "Standing",
    "Way",
    "audience",
    "audiences",
    "board",
    "cards",
    "choices",
    "day",
    "health",
    "introduction",
    "lead",
    "listed",
    "standing",
    "story",
    "today",
]
