"""leads owns stage, owner, clock, hand-offs and audiences of leads; it acts on a verdict of the charter or a named person.

A lead is a person somebody knows of: it stands under one of their identifiers, in a stage of the charter in force.
"""

from hedgerow.leads.change import Change, State, change
from hedgerow.leads.force import InForce, fold_charters, in_force, sign
from hedgerow.leads.knowing import fold_traits, rules_of_traits
from hedgerow.leads.moving import decide_leads
from hedgerow.leads.state import fold_changes, history

__all__ = [
    "Change",
    "InForce",
    "State",
    "change",
    "decide_leads",
    "fold_changes",
    "fold_charters",
    "fold_traits",
    "history",
    "in_force",
    "rules_of_traits",
    "sign",
]
