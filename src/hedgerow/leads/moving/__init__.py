"""moving owns what the charter does to leads at a turn of the mill: whom to look at, what to change, and why."""

from hedgerow.leads.moving.affected import UNNAMED
from hedgerow.leads.moving.looking import look, members_of
from hedgerow.leads.moving.round import decide_leads
from hedgerow.leads.moving.rules import next_change

__all__ = ["UNNAMED", "decide_leads", "look", "members_of", "next_change"]
