"""matching proposes which profiles are one person's, with reasons; it merges nobody."""

from hedgerow.people.matching.bar import Answer, Learned, learned
from hedgerow.people.matching.proposals import Proposals, propose
from hedgerow.people.matching.reviewing import ANSWERS, Review, review
from hedgerow.people.matching.verified import linked_back

__all__ = ["ANSWERS", "Answer", "Learned", "Proposals", "Review", "learned", "linked_back", "propose", "review"]
