"""people owns identifiers, evidence, clusters and accounts; it scores and contacts nobody."""

from hedgerow.people.accounts import accounts
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.evidence import EVIDENCE, IDENTIFIERS, fold
from hedgerow.people.holding import known_as, person_with, write_archive

__all__ = [
    "EVIDENCE",
    "IDENTIFIERS",
    "Clusters",
    "accounts",
    "clusters",
    "fold",
    "known_as",
    "person_with",
    "write_archive",
]
