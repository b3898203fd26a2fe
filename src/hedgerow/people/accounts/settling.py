"""Settling: which account identifiers are one account, as the connected components of what ties them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.stating import key_of, regular
from hedgerow.people.clusters import Graph, settle
from hedgerow.people.decisions import Apart, decided
from hedgerow.people.kinds import Law

I64 = NDArray[np.int64]

SEVERAL = ("domain", "company", "site", "website", "organization")
"""Kinds of which an account may have several; two of any other kind (a CRM's id) are two accounts."""

POST = 5
"""From how many people on, each with another company too, a mail domain nobody states may turn out to be a provider's."""


@dataclass(frozen=True)
class Vertices:
    """(v,) the account identifiers, in the order of their numbers: key, number, kind, and the account each is of.

    A number is the smallest code the ledger gave a spelling of the identifier, or an address at the domain; a name that
    only employers are stated by has none, and its key stands in.
    """

    key: I64
    number: I64
    kind: NDArray[np.object_]
    account: I64
    ties: pa.Table
    """What tied them, in force or not: a, b (places here), says, touch_id; `tying` says whether it is in force."""

    def place(self, keys: I64) -> I64:
        """Return the place of each key, -1 for one that is not here."""
        order = np.argsort(self.key)
        if not len(order):
            return np.full(len(keys), -1)
        at = order[np.minimum(np.searchsorted(self.key[order], keys), len(order) - 1)]
        return np.where(self.key[at] == keys, at, -1)


def settled(workspace: Workspace, belonging: pa.Table) -> Vertices:
    """Return the account identifiers that are in force, and which account each is of.

    `belonging` has person, key and says. Two are tied by a row that states them of one account, by most people who have
    both (at least two people), by one person's employer that has the name of their mail domain, or by a decision. Ties
    that would make one of two ids of one kind tie nothing, and what stands between two such is many accounts'.
    """
    stated = _stated(workspace)
    shared = np.union1d(_settings_keys(workspace.settings.accounts.free_mail), _post_offices(workspace, belonging, stated))
    kept = stated.filter(pa.array(~np.isin(stated["key"].to_numpy(), shared)))
    number, key = kept["number"].to_numpy(), kept["key"].to_numpy()
    kinds = kept["kind"].to_numpy(zero_copy_only=False)
    names, kind = np.unique(kinds.astype(str), return_inverse=True)
    law = np.where(np.isin(names, SEVERAL), Law.SEVERAL, Law.UNIQUE)[kind].astype(np.int8)
    none = Vertices(key, number, kinds, number, pa.table({}))
    ties = _ties(workspace, belonging, kept)
    a, b = none.place(ties["a"].to_numpy()), none.place(ties["b"].to_numpy())
    here = (a >= 0) & (b >= 0)
    ties, a, b = ties.filter(pa.array(here)), a[here], b[here]
    sure_a, sure_b, apart = _decided(workspace, none)
    found = settle(
        Graph(law, kind.astype(np.int32), a.astype(np.int32), b.astype(np.int32), sure_a, sure_b, apart)
    ) if len(key) else None  # fmt: skip
    account = number[found.person] if found else number
    shown = ties.select(["says", "touch_id", "times"]).append_column("a", pa.array(a)).append_column("b", pa.array(b))
    return Vertices(key, number, kinds, account, shown.append_column("tying", pa.array(account[a] == account[b])))


def _settings_keys(said: tuple[str, ...]) -> I64:
    return np.array([key_of("domain", each.lower()) for each in said], np.int64)


def key_said(text: str) -> tuple[int, str] | None:
    """Return the key and kind of an account that the settings name: a domain, a company's name, or kind:value."""
    found = regular("any", text)
    return (key_of(*found), found[0]) if found else None


def _stated(workspace: Workspace) -> pa.Table:
    """Return the account identifiers that rows in force name: key, number, kind, whether only mail says so, stem."""
    parents = workspace.settings.accounts.parents
    said = [found for text in (*parents, *parents.values()) if (found := key_said(text))]
    named = pa.table(
        {"key": pa.array([key for key, _ in said], pa.int64()), "kind": pa.array([kind for _, kind in said], pa.string())}
    )
    return workspace.engine.sql(_STATED, named=named)


def _post_offices(workspace: Workspace, belonging: pa.Table, stated: pa.Table) -> I64:
    """Return the keys of domains that people of many companies write from, and that nobody states to be a company's."""
    return workspace.engine.sql(_POST, belonging=belonging, stated=stated)["key"].to_numpy()


def _ties(workspace: Workspace, belonging: pa.Table, stated: pa.Table) -> pa.Table:
    return workspace.engine.sql(_TIES, belonging=belonging, stated=stated)


def _decided(workspace: Workspace, vertices: Vertices) -> tuple[I64, I64, list[Apart]]:
    """Return what people decided of accounts, as places: what is one (two arrays), and what is apart."""
    said = decided(workspace)
    if not len(said.sure_a) and not said.apart:
        return said.sure_a, said.sure_b, []
    rows = workspace.engine.sql("SELECT DISTINCT code, key FROM account_identifiers WHERE code IS NOT NULL")
    code, at = rows["code"].to_numpy(), vertices.place(rows["key"].to_numpy())
    size = 1 + max(int(each.max(initial=-1)) for each in (code, said.sure_a, said.sure_b, *(x.code for x in said.apart)))
    place = np.full(size, -1)
    place[code] = at
    a, b = place[said.sure_a], place[said.sure_b]
    both = (a >= 0) & (b >= 0)
    return a[both], b[both], said.apart_within(place)


_STATED = """
WITH used AS (
  SELECT key, bool_and(says = 'mail') AS mailed, min(code) FILTER (says = 'mail') AS code FROM belongings GROUP BY key
  UNION ALL SELECT a, false, NULL FROM account_ties UNION ALL SELECT b, false, NULL FROM account_ties
  UNION ALL SELECT key, false, NULL FROM named
), each AS (
  SELECT key, bool_and(mailed) AS mailed, min(code) AS code FROM used GROUP BY key
), spelled AS (
  SELECT key, min(code) AS code, any_value(kind) AS kind, any_value(stem) AS stem FROM account_identifiers GROUP BY key
)
SELECT key, coalesce(least(each.code, spelled.code), key) AS number,
       coalesce(spelled.kind, (SELECT any_value(kind) FROM named WHERE named.key = each.key)) AS kind, mailed, stem
FROM each LEFT JOIN spelled USING (key) ORDER BY number
"""
_HELD = """
WITH held AS (
  SELECT DISTINCT person, key, kind, mailed, stem FROM belonging JOIN stated USING (key)
  QUALIFY count(*) OVER (PARTITION BY person) <= 64
)"""
_POST = f"""{_HELD}, other AS (
  SELECT one.key, one.person, two.key AS other FROM held one JOIN held two
  ON one.person = two.person AND one.key <> two.key
  WHERE one.mailed AND one.kind = 'domain' AND two.kind <> 'company'
), counted AS (
  SELECT key, other, count(*) AS people FROM other GROUP BY key, other
), among AS (
  SELECT key, count(DISTINCT person) AS two FROM other GROUP BY key
), most AS (
  SELECT key, max(people) AS most, count(*) AS others FROM counted GROUP BY key
)
SELECT key FROM among JOIN most USING (key) JOIN (SELECT key, count(*) AS everybody FROM held GROUP BY key) USING (key)
WHERE two >= {POST} AND others >= {POST} AND 2 * two >= everybody AND 2 * most <= two
"""
_TIES = f"""{_HELD}, pair AS (
  SELECT one.key AS a, two.key AS b, one.kind AS a_kind, two.kind AS b_kind, count(*) AS people,
         bool_or(one.stem = two.stem) AS alike
  FROM held one JOIN held two ON one.person = two.person AND one.kind < two.kind GROUP BY ALL
), among AS (
  SELECT key, other, count(*) AS people FROM (
    SELECT DISTINCT one.person, one.key, two.kind AS other FROM held one JOIN held two
    ON one.person = two.person AND one.kind <> two.kind) GROUP BY key, other
)
SELECT a, b, 'stated' AS says, arg_min(touch_id, (since, touch_id)) AS touch_id, count(*) AS times FROM account_ties
WHERE says = 'same' AND a <> b GROUP BY a, b
UNION ALL
SELECT a, b, CASE WHEN alike THEN 'name' ELSE 'people' END, NULL, pair.people FROM pair
JOIN among x ON x.key = a AND x.other = b_kind JOIN among y ON y.key = b AND y.other = a_kind
WHERE alike OR (pair.people >= 2 AND 2 * pair.people > x.people AND 2 * pair.people > y.people)
ORDER BY a, b, says
"""
