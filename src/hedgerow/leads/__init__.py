"""leads owns stage, owner, clock, hand-offs and audiences; it acts on the charter's verdict or for a named person.

A lead is a person somebody knows of: it stands under one of their identifiers, in a stage of the charter in force.
"""

from hedgerow.leads.change import Change, State, change
from hedgerow.leads.commands import accept, find_lead, give, restrict, send_back
from hedgerow.leads.current import ACTIVE, LATEST
from hedgerow.leads.force import InForce, fold_charters, in_force, sign
from hedgerow.leads.knowing import fold_traits, rules_of_traits
from hedgerow.leads.moving import decide_leads
from hedgerow.leads.replay import COMPARED, replay
from hedgerow.leads.showing import (
    CAP,
    Line,
    Listed,
    Shown,
    audience,
    audiences,
    board,
    health,
    introduction,
    lead,
    story,
    today,
)
from hedgerow.leads.state import fold_changes, history

__all__ = [
    "ACTIVE",
    "CAP",
    "COMPARED",
    "LATEST",
    "Change",
    "InForce",
    "Line",
    "Listed",
    "Shown",
    "State",
    "accept",
    "audience",
    "audiences",
    "board",
    "change",
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
    "replay",
    "restrict",
    "rules_of_traits",
    "send_back",
    "sign",
    "story",
    "today",
]
