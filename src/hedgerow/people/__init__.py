"""people owns identifiers, evidence, clusters, decisions, profiles and accounts; it scores and contacts nobody."""

from hedgerow.people.accounts import accounts
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.evidence import RULES_VERSION, TABLE_NAMES, fold, prepare

__all__ = ["RULES_VERSION", "TABLE_NAMES", "Clusters", "accounts", "clusters", "fold", "prepare"]
