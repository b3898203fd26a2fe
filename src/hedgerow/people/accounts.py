"""Accounts: which company a person belongs to, by what their touches and deals last stated."""

import numpy as np
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.clusters import Clusters


def accounts(workspace: Workspace, known: Clusters) -> NDArray[np.int64]:
    """Return for each identifier code the account its person was last stated to belong to, or -1."""
    stated = workspace.engine.sql(
        "SELECT actor_code AS code, account_code AS account, occurred_at AS instant FROM touches "
        "WHERE account_code IS NOT NULL UNION ALL SELECT unnest(people_codes), account_code, "
        "coalesce(changed_at, opened_at, received_at) FROM deals_history WHERE account_code IS NOT NULL"
    )
    answer = np.full(len(known.person), -1, np.int64)
    if not len(stated):
        return answer
    person = known.person[stated["code"].to_numpy()]
    account, stated_at = stated["account"].to_numpy(), stated["instant"].cast("int64").to_numpy()
    order = np.lexsort((account, stated_at, person))
    person, account = person[order], account[order]
    last = np.append(person[1:] != person[:-1], True)
    answer[person[last]] = account[last]
    return answer[known.person]
