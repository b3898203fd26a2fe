"""knowing owns what is known of leads as of any instant: the charter's facts, all at once; it decides nothing."""

from hedgerow.leads.knowing.facts import FACTS_AT, facts_of
from hedgerow.leads.knowing.instants import changes_at
from hedgerow.leads.knowing.scores import scores_of
from hedgerow.leads.knowing.traits import fold_traits, rules_of_traits

__all__ = ["FACTS_AT", "changes_at", "facts_of", "fold_traits", "rules_of_traits", "scores_of"]
