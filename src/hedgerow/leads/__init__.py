"""leads owns stage, owner, clock, hand-offs and audiences; it acts on the charter's verdict or for a named person.

A lead is a person somebody knows of: it stands under one of their identifiers, in a stage of the charter in force.
"""

from hedgerow.leads.change import Change, State, change
from hedgerow.leads.commands import DONE, accept, find_lead, give, restrict, send_back, write_down
from hedgerow.leads.current import ACTIVE, LATEST
from hedgerow.leads.deals import close_deal, deals_of, open_deal
from hedgerow.leads.force import InForce, fold_charters, in_force, sign
from hedgerow.leads.knowing import fold_traits, rules_of_traits
from hedgerow.leads.moving import decide_leads
from hedgerow.leads.replay import COMPARED, replay
from hedgerow.leads.showing import (
    CAP,
    LISTENS,
    ORDERS,
    PARTS,
    SOON,
    Day,
    Line,
    Listed,
    Shown,
    Sought,
    Standing,
    audience,
    audiences,
    board,
    cards,
    choices,
    day,
    health,
    introduction,
    lead,
    listed,
    standing,
    story,
    today,
)
from hedgerow.leads.state import fold_changes, history

__all__ = [
    "ACTIVE",
    "CAP",
    "COMPARED",
    "DONE",
    "LATEST",
    "LISTENS",
    "ORDERS",
    "PARTS",
    "SOON",
    "Change",
    "Day",
    "InForce",
    "Line",
    "Listed",
    "Shown",
    "Sought",
    "Standing",
    "State",
    "accept",
    "audience",
    "audiences",
    "board",
    "cards",
    "change",
    "choices",
    "close_deal",
    "day",
    "deals_of",
    "decide_leads",
    "find_lead",
    "fold_changes",
    "fold_charters",
    "fold_traits",
    "give",
    "health",
    "history",
    "in_force",
    "introduction",
    "lead",
    "listed",
    "open_deal",
    "replay",
    "restrict",
    "rules_of_traits",
    "send_back",
    "sign",
    "standing",
    "story",
    "today",
    "write_down",
]
