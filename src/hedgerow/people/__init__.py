"""people owns identifiers, evidence, clusters, decisions, profiles and accounts; it scores and contacts nobody."""

from hedgerow.people.accounts import (
    Account,
    account_at,
    account_of,
    accounts,
    all_accounts,
    codes_of,
    memberships,
    owners,
    rolled_up,
)
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.consents import consents
from hedgerow.people.folding import RULES_VERSION, TABLE_NAMES, fold, prepare
from hedgerow.people.profiles import fields, profiles, values

__all__ = [
    "RULES_VERSION",
    "TABLE_NAMES",
    "Account",
    "Clusters",
    "account_at",
    "account_of",
    "accounts",
    "all_accounts",
    "clusters",
    "codes_of",
    "consents",
    "fields",
    "fold",
    "memberships",
    "owners",
    "prepare",
    "profiles",
    "rolled_up",
    "values",
]
