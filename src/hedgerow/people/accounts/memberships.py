"""Memberships: who was of which account from when until when; the new employer's first day is the old one's last."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.known import RANK, Known, known_accounts
from hedgerow.people.clusters import clusters

I64 = NDArray[np.int64]


def memberships(workspace: Workspace) -> pa.Table:
    """Return a row for each time somebody was of an account: person, account, role, since, until, says, touch_id.

    `until` is empty while it lasts; `says` and `touch_id` are of what said so first, `role` is the newest stated. A
    person is of one account at a time: the one last stated by then, unless its end was stated too.
    """
    known = known_accounts(workspace, clusters(workspace))
    if "memberships" not in known.kept:
        known.kept["memberships"] = _memberships(workspace, known)
    return known.kept["memberships"]


def account_at(workspace: Workspace, person: I64, at: I64) -> I64:
    """Return (n,) the account each person (any of their codes) was of at that microsecond since 1970, or -1."""
    whose = clusters(workspace).person[person]
    asked = pa.table({"place": np.arange(len(person)), "person": whose, "instant": at})
    rows = workspace.engine.sql(_AT, asked=asked, memberships=memberships(workspace))
    answer = np.full(len(person), -1)
    answer[rows["place"].to_numpy()] = rows["account"].to_numpy()
    return answer


def _memberships(workspace: Workspace, known: Known) -> pa.Table:
    mine = pa.table({"code": np.arange(len(known.person)), "person": known.person})
    whose = pa.table({"key": known.vertices.key, "account": known.vertices.account})
    return workspace.engine.sql(_MEMBERSHIPS, mine=mine, whose=whose, undone=known.undone)


_AT = """
SELECT place, account FROM asked a ASOF JOIN (SELECT *, epoch_us(since) AS begun FROM memberships) m
ON a.person = m.person AND a.instant >= m.begun WHERE until IS NULL OR a.instant < epoch_us(until)
"""
# What counts of a day is its first statement and its last, whichever turn brought them; of an address, its first.
_MEMBERSHIPS = f"""
WITH said AS (
  SELECT code, person, account, key, says, role, since, until, touch_id
  FROM belongings JOIN mine USING (code) JOIN whose USING (key) ANTI JOIN undone USING (touch_id)
), points AS (
  SELECT person, account, key, {RANK} AS rank, says, role, said.since AS since, said.touch_id AS touch_id FROM (
    SELECT code, person, account, key, says, role, unnest(list_distinct([
      min({{since: since, touch_id: touch_id}}),
      CASE WHEN says <> 'mail' THEN max({{since: since, touch_id: touch_id}}) END])) AS said
    FROM said WHERE since IS NOT NULL
    GROUP BY code, person, account, key, says, role, CASE WHEN says <> 'mail' THEN since::DATE END
  ) WHERE said IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY person, since ORDER BY rank DESC, key DESC, touch_id) = 1
), marked AS (
  SELECT *, account IS DISTINCT FROM lag(account) OVER (PARTITION BY person ORDER BY since) AS begins FROM points
), numbered AS (
  SELECT *, count(*) FILTER (begins) OVER (PARTITION BY person ORDER BY since) AS run FROM marked
), runs AS (
  SELECT person, run, any_value(account) AS account, arg_max(role, since) FILTER (role IS NOT NULL) AS role,
         min(since) AS since, max(since) AS last, arg_min(says, since) AS says, arg_min(touch_id, since) AS touch_id
  FROM numbered GROUP BY person, run
), followed AS (
  SELECT *, lead(since) OVER (PARTITION BY person ORDER BY run) AS next FROM runs
), ends AS (
  SELECT DISTINCT person, account, until FROM said WHERE until IS NOT NULL
), ended AS (
  SELECT person, run, min(e.until) AS until FROM followed f JOIN ends e USING (person, account)
  WHERE e.until > f.last AND e.until < coalesce(f.next, 'infinity') GROUP BY person, run
)
SELECT person, account, role, since, coalesce(until, next) AS until, says, touch_id
FROM followed LEFT JOIN ended USING (person, run) ORDER BY person, since
"""
