"""Settling: which account identifiers are one account, as the connected components of what ties them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.ledger import Workspace
from hedgerow.people.accounts.stating import key_of, regular
from hedgerow.people.clusters import Graph, settle
from hedgerow.people.decisions import Apart, decisions, in_force, weighed
from hedgerow.people.kinds import Law

I64 = NDArray[np.int64]

MOST = 16
"""How many account identifiers somebody may have for them to say something of each other."""

SEVERAL = ("domain", "company", "site", "website", "organization")
"""Kinds of which an account may have several; two of any other kind (a CRM's id) are two accounts."""

POST = 5
"""From how many people on, each with another company too, a mail domain nobody states may prove to be a provider's."""


@dataclass(frozen=True)
class Vertices:
    """(v,) the account identifiers, in the order of their numbers: key, number, and the account each is of.

    A number is the smallest code the ledger gave a spelling of the identifier, or an address at the domain; a name that
    only employers are stated by has none, and its key stands in.
    """

    key: I64
    number: I64
    account: I64
    ties: pa.Table
    """What tied them, in force or not: a, b (places here), says, touch_id; `tying` says whether it is in force."""

    def place(self, keys: I64) -> I64:
        """Return the place of each key, -1 for one that is not here."""
        if not len(self.key):
            return np.full(len(keys), -1)
        order = np.argsort(self.key)
        at = order[np.minimum(np.searchsorted(self.key, keys, sorter=order), len(order) - 1)]
        return np.where(self.key[at] == keys, at, -1)


def settled(workspace: Workspace, person: I64, key: I64) -> tuple[Vertices, I64]:
    """Return the account identifiers that are in force, which account each is of, and the place of each of `key`.

    `person` was said to be of the account of `key`. Two are tied by a row that states them of one account, by most
    people who have both (at least two people), by one person's employer that has the name of their mail domain, or by a
    decision; what somebody cut ties nothing, whoever states it. Ties that would make one of two ids of one kind tie
    nothing; what stands between them is many accounts'.
    """
    stated = _stated(workspace)
    number = stated["number"].to_numpy()
    everything = Vertices(stated["key"].to_numpy(), number, number, pa.table({}))
    place = everything.place(key)
    met = _met(workspace, person[place >= 0], place[place >= 0], stated)
    gone = _settings_keys(workspace.settings.accounts.free_mail)
    many = np.isin(everything.key, gone)
    many[_post_offices(workspace, met, stated)] = True
    a, b, ties = _ties(workspace, everything, met, stated)
    here = ~many[a] & ~many[b]
    a, b, ties = a[here], b[here], ties.filter(pa.array(here))
    names, kind = np.unique(stated["kind"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    law = np.where(np.isin(names, SEVERAL), Law.SEVERAL, Law.UNIQUE)[kind].astype(np.int8)
    account = everything.number
    said, cut = _decided(workspace, everything)
    alive = ~np.isin(_pairs(a, b, len(account)), cut)
    if len(account):
        graph = Graph(law, kind.astype(np.int32), a[alive].astype(np.int32), b[alive].astype(np.int32), *said)
        account = account[settle(graph).person]
    ties = ties.append_column("tying", pa.array(alive & (account[a] == account[b])))
    kept = np.where(many, -1, np.cumsum(~many) - 1)
    shown = ties.append_column("a", pa.array(kept[a])).append_column("b", pa.array(kept[b]))
    vertices = Vertices(everything.key[~many], everything.number[~many], account[~many], shown)
    return vertices, np.where(place >= 0, kept[place], -1)


def _met(workspace: Workspace, person: I64, place: I64, stated: pa.Table) -> pa.Table:
    """Return which account identifiers people have in common: a, b (places, either way round), kinds, people.

    Somebody with more identifiers than anybody works for says nothing of them.
    """
    count = len(stated)
    both = np.sort(person * count + place)
    both = both[np.r_[True, both[1:] != both[:-1]]] if len(both) else both
    person, place = both // max(count, 1), both % max(count, 1)
    many = np.bincount(person)[person] if len(person) else person
    several = (many > 1) & (many <= MOST)
    kind = stated["kind"].combine_chunks().dictionary_encode().indices.to_numpy()
    held = pa.table({"person": person[several], "place": place[several], "kind": kind[place[several]]})
    return workspace.engine.sql(_MET, held=held)


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
        {
            "key": pa.array([key for key, _ in said], pa.int64()),
            "kind": pa.array([kind for _, kind in said], pa.string()),
        }
    )
    return workspace.engine.sql(_STATED, named=named)


def _post_offices(workspace: Workspace, met: pa.Table, stated: pa.Table) -> I64:
    """Return the places of domains that people of many companies write from, and that nobody says are a company's."""
    mailed = np.flatnonzero(stated["mailed"].to_numpy(zero_copy_only=False))
    domains = pa.table({"a": mailed, "people": stated["people"].to_numpy()[mailed]})
    places: I64 = workspace.engine.sql(_POST, met=met, domains=domains)["a"].to_numpy()
    return places


def _ties(workspace: Workspace, vertices: Vertices, met: pa.Table, stated: pa.Table) -> tuple[I64, I64, pa.Table]:
    """Return what ties which places: a, b, and the table of says, touch_id, times."""
    rows = workspace.engine.sql(_STATED_TIES)
    a, b = vertices.place(rows["a"].to_numpy()), vertices.place(rows["b"].to_numpy())
    stems = pa.table({"place": np.arange(len(stated)), "stem": stated["stem"]})
    people = workspace.engine.sql(_PEOPLE_TIE, met=met, stems=stems)
    ties = pa.concat_tables([rows.select(people.column_names[2:]), people.select(people.column_names[2:])])
    return np.r_[a, people["a"].to_numpy()], np.r_[b, people["b"].to_numpy()], ties


def _decided(workspace: Workspace, vertices: Vertices) -> tuple[tuple[I64, I64, list[Apart]], I64]:
    """Return what people decided of accounts, as places: what is one (two arrays) and what is apart; and what they cut,
    as pairs."""
    made = decisions(workspace)
    said = weighed(workspace, made)
    cut = np.array([each.codes for each in in_force(made) if each.verb == "cut" and len(each.codes) == 2], np.int64)
    cut = cut.reshape(-1, 2)
    if not len(said.sure_a) and not said.apart and not len(cut):
        return (said.sure_a, said.sure_b, []), cut[:, 0]
    rows = workspace.engine.sql("SELECT DISTINCT code, key FROM account_identifiers WHERE code IS NOT NULL")
    code, at = rows["code"].to_numpy(), vertices.place(rows["key"].to_numpy())
    every = (code, said.sure_a, said.sure_b, cut, *(each.code for each in said.apart))
    place = np.full(1 + max(int(each.max(initial=-1)) for each in every), -1)
    place[code] = at
    a, b = place[said.sure_a], place[said.sure_b]
    both, here = (a >= 0) & (b >= 0), (place[cut] >= 0).all(axis=1)
    one, other = place[cut[here]].T
    gone = _pairs(one, other, len(vertices.key))
    return (a[both], b[both], said.apart_within(place)), gone


def _pairs(a: I64, b: I64, count: int) -> I64:
    paired: I64 = np.minimum(a, b) * count + np.maximum(a, b)
    return paired


_STATED = """
WITH used AS (
  SELECT key, bool_and(says = 'mail') AS mailed, min(code) FILTER (says = 'mail') AS code, count(*) AS people
  FROM belongings GROUP BY key
  UNION ALL SELECT DISTINCT unnest([a, b]), false, NULL, 0 FROM account_ties
  UNION ALL SELECT key, false, NULL, 0 FROM named
), each AS (
  SELECT key, bool_and(mailed) AS mailed, min(code) AS code, sum(people)::BIGINT AS people FROM used GROUP BY key
), spelled AS (
  SELECT key, min(code) AS code, any_value(kind) AS kind, any_value(stem) AS stem FROM account_identifiers GROUP BY key
)
SELECT key, coalesce(least(each.code, spelled.code), key) AS number,
       coalesce(spelled.kind, (SELECT any_value(kind) FROM named WHERE named.key = each.key)) AS kind, mailed, stem,
       people
FROM each LEFT JOIN spelled USING (key) ORDER BY number
"""
_MET = """
SELECT one.place AS a, two.place AS b, one.kind AS a_kind, two.kind AS b_kind, count(*) AS people
FROM held one JOIN held two ON one.person = two.person AND one.place <> two.place GROUP BY ALL
"""
_POST = f"""
SELECT a FROM met JOIN domains USING (a) GROUP BY a, domains.people
HAVING count(*) >= {POST} AND sum(met.people) >= {POST} AND 2 * sum(met.people) >= domains.people
   AND 2 * max(met.people) <= sum(met.people)
"""
_STATED_TIES = """
SELECT a, b, 'stated' AS says, arg_min(touch_id, (since, touch_id)) AS touch_id, count(*) AS times FROM account_ties
WHERE says = 'same' AND a <> b GROUP BY a, b ORDER BY a, b
"""
_PEOPLE_TIE = """
WITH among AS (
  SELECT a, b, people, a_kind, b_kind, sum(people) OVER (PARTITION BY a, b_kind) AS of_a,
         sum(people) OVER (PARTITION BY b, a_kind) AS of_b FROM met WHERE a_kind <> b_kind
)
SELECT a, b, CASE WHEN x.stem = y.stem THEN 'name' ELSE 'people' END AS says, NULL::VARCHAR AS touch_id, people AS times
FROM among JOIN stems x ON x.place = a JOIN stems y ON y.place = b
WHERE a < b AND (coalesce(x.stem = y.stem, false) OR (people >= 2 AND 2 * people > of_a AND 2 * people > of_b))
ORDER BY a, b
"""
