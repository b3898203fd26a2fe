"""people owns identifiers, evidence, clusters and accounts; it scores and contacts nobody."""

from hedgerow.people.accounts import accounts
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.evidence import EVIDENCE, IDENTIFIERS, fold

__all__ = ["EVIDENCE", "IDENTIFIERS", "Clusters", "accounts", "clusters", "fold"]
