"""proposing owns what matching makes of this workspace's people: matches as touches, and proposals to be answered."""

from hedgerow.people.proposing.finding import find_matches, keep_proposals, matching_due
from hedgerow.people.proposing.proposed import PROPOSALS
from hedgerow.people.proposing.showing import matches_of, open_proposals, proposal_between

__all__ = [
    "PROPOSALS",
    "find_matches",
    "keep_proposals",
    "matches_of",
    "matching_due",
    "open_proposals",
    "proposal_between",
]
