"""moving owns what the charter does to leads at a turn of the mill: whom to look at, what to change, and why."""

from hedgerow.leads.moving.round import decide_leads, looked_at

__all__ = ["decide_leads", "looked_at"]
