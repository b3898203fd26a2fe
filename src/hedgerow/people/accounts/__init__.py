"""accounts owns companies: which identifiers are one, who is of which and since when, and who owns whom."""

import numpy as np
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.known import known_accounts
from hedgerow.people.accounts.memberships import account_at, memberships
from hedgerow.people.accounts.owners import owners, rolled_up
from hedgerow.people.accounts.showing import Account, account_of, all_accounts, codes_of
from hedgerow.people.accounts.stating import TABLE_NAMES, fold, prepare, rules
from hedgerow.people.clusters import Clusters

__all__ = [
    "TABLE_NAMES",
    "Account",
    "account_at",
    "account_of",
    "accounts",
    "all_accounts",
    "codes_of",
    "fold",
    "memberships",
    "owners",
    "prepare",
    "rolled_up",
    "rules",
]


def accounts(workspace: Workspace, known: Clusters) -> NDArray[np.int64]:
    """Return for each identifier code the account its person was last said to be of, or -1; do not write in it.

    An identifier of an account has that account. An account is named by the smallest code among its identifiers and the
    mail addresses at its domains; one of which only employers' names are known has a number above every code.
    """
    return known_accounts(workspace, known).current
