"""charter owns the ground rules: reading, proving and deciding; it keeps nothing and changes nothing."""

from hedgerow.charter.calendar import Calendar, Span, business_time, due
from hedgerow.charter.condition import Condition, holds, sentence
from hedgerow.charter.deciding import DECIDED, Desk, assign, decide
from hedgerow.charter.facts import Fact, Lead, documented, facts
from hedgerow.charter.law import Broken, Law, Verdict, laws, may_come_into_force, prove
from hedgerow.charter.reading import Fault, Unreadable, read_charter, read_file
from hedgerow.charter.rules import Charter
from hedgerow.charter.showing import show

__all__ = [
    "DECIDED",
    "Broken",
    "Calendar",
    "Charter",
    "Condition",
    "Desk",
    "Fact",
    "Fault",
    "Law",
    "Lead",
    "Span",
    "Unreadable",
    "Verdict",
    "assign",
    "business_time",
    "decide",
    "documented",
    "due",
    "facts",
    "holds",
    "laws",
    "may_come_into_force",
    "prove",
    "read_charter",
    "read_file",
    "sentence",
    "show",
]
