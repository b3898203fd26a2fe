"""Showing: what there is to say of an account, and the table of all of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace
from hedgerow.people.accounts.known import Known, known_accounts
from hedgerow.people.accounts.memberships import memberships
from hedgerow.people.accounts.owners import owners
from hedgerow.people.clusters import clusters
from hedgerow.people.words.domains import shown_domain

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Account:
    """An account: its name, its identifiers, who is and was of it, its deals, and why it is one account.

    `identifiers` has kind, value and spelled. `people` is memberships with `who`, an identifier of the person, those
    that last first. `deals` has id, name, stage, won, amount, currency, opened_at, closed_at. `ties` has a, b (names of
    identifiers), says (stated, name or people), times, touch_id and tying. `owner` and `owned` are (account, name).
    `touches` counts what its people of today did.
    """

    account: int
    name: str
    identifiers: pa.Table
    people: pa.Table
    deals: pa.Table
    ties: pa.Table
    touches: int
    owner: tuple[int, str] | None
    owned: tuple[tuple[int, str], ...]

    @property
    def domains(self) -> list[str]:
        """Its domains, as people read them."""
        return [each["value"] for each in self.identifiers.to_pylist() if each["kind"] == "domain"]


def account_of(workspace: Workspace, account: int) -> Account:
    """Return what there is to say of an account, named by its number or that of any of its identifiers.

    Raises `HedgerowError` where there is none.
    """
    known = known_accounts(workspace, clusters(workspace))
    account = _resolved(known, account)
    above = owners(workspace)
    near = [
        account,
        *([above[account]] if account in above else []),
        *sorted(x for x, y in above.items() if y == account),
    ]
    names = dict(zip(*_names(workspace, known, near).select(["account", "name"]).to_pydict().values(), strict=True))
    codes = pa.table({"code": codes_of(workspace, account)})
    return Account(
        account,
        names.get(account, ""),
        _identifiers(workspace, known, account),
        _people(workspace, account),
        workspace.engine.sql(_DEALS, codes=codes),
        _ties(workspace, known, account),
        int(workspace.engine.sql(_TOUCHES, codes=codes)["count"][0].as_py()),
        (above[account], names[above[account]]) if account in above else None,
        tuple((each, names[each]) for each, owner in sorted(above.items()) if owner == account),
    )


def codes_of(workspace: Workspace, account: int) -> I64:
    """Return the codes of an account: its own identifiers', and those of the people who are of it today."""
    return np.flatnonzero(known_accounts(workspace, clusters(workspace)).current == account)


def all_accounts(workspace: Workspace, search: str = "") -> pa.Table:
    """Return a row an account: account, name, domain, people, deals, won; those with most people first.

    With `search` only those of which an identifier, in any spelling, has these letters in it.
    """
    known = known_accounts(workspace, clusters(workspace))
    if "all" not in known.kept:
        known.kept["all"] = _all(workspace, known)
    rows = known.kept["all"]
    if not search.strip():
        return rows
    whose = _whose(known)
    found = workspace.engine.sql(_FOUND, whose=whose, asked=pa.table({"text": [search.strip().lower()]}))["account"]
    return rows.filter(pc.is_in(rows["account"], found.combine_chunks()))


def _resolved(known: Known, account: int) -> int:
    at = np.flatnonzero((known.vertices.account == account) | (known.vertices.number == account))
    if not len(at):
        raise HedgerowError(f"There is no account {account}: look for it among all accounts.")
    return int(known.vertices.account[at[0]])


def _whose(known: Known) -> pa.Table:
    return pa.table({"key": known.vertices.key, "account": known.vertices.account})


def _names(workspace: Workspace, known: Known, accounts: list[int] | None = None) -> pa.Table:
    """Return the name and the first domain of accounts: a company's name in its first spelling, or else a domain."""
    whose = _whose(known)
    if accounts is not None:
        whose = whose.filter(pc.is_in(whose["account"], pa.array(accounts, pa.int64())))
    rows = workspace.engine.sql(_NAMES, whose=whose)
    shown = {each: shown_domain(each) for each in rows["domain"].unique().to_pylist() if each and "xn--" in each}
    if not shown:
        return rows
    for name in ("name", "domain"):
        read = pa.array([shown.get(each, each) for each in rows[name].to_pylist()], pa.string())
        rows = rows.set_column(rows.schema.get_field_index(name), name, read)
    return rows


def _identifiers(workspace: Workspace, known: Known, account: int) -> pa.Table:
    whose = _whose(known).filter(pa.array(known.vertices.account == account))
    rows = workspace.engine.sql(_IDENTIFIERS, whose=whose).to_pylist()
    shown = [row | ({"value": shown_domain(row["value"])} if row["kind"] == "domain" else {}) for row in rows]
    return pa.Table.from_pylist(shown, _IDENTIFIER)


_IDENTIFIER = pa.schema([("kind", pa.string()), ("value", pa.string()), ("spelled", pa.list_(pa.string()))])


def _people(workspace: Workspace, account: int) -> pa.Table:
    here = memberships(workspace)
    here = here.filter(pc.equal(here["account"], account))
    person = clusters(workspace).person
    codes = np.flatnonzero(np.isin(person, here["person"].to_numpy()))
    mine = pa.table({"code": codes, "person": person[codes]})
    return workspace.engine.sql(_PEOPLE, here=here, mine=mine)


def _ties(workspace: Workspace, known: Known, account: int) -> pa.Table:
    ties, vertices = known.vertices.ties, known.vertices
    a, b = ties["a"].to_numpy(), ties["b"].to_numpy()
    mine = (vertices.account[a] == account) | (vertices.account[b] == account) if len(ties) else np.zeros(0, bool)
    some = ties.filter(pa.array(mine)).append_column("a_key", pa.array(vertices.key[a[mine]]))
    some = some.append_column("b_key", pa.array(vertices.key[b[mine]]))
    return workspace.engine.sql(_TIED, mine=some)


def _all(workspace: Workspace, known: Known) -> pa.Table:
    codes, current = np.arange(len(known.current)), known.current
    people = np.flatnonzero((known.person == codes) & (current >= 0))
    named, counted = _names(workspace, known), pa.table({"code": people, "account": current[people]})
    belongs = pa.table({"code": codes, "account": current}).filter(pa.array(current >= 0))
    # An identifier of an account is nobody who is of it.
    return workspace.engine.sql(_ALL, named=named, counted=counted, belongs=belongs)


_ORDER = "CASE kind WHEN 'company' THEN 0 WHEN 'domain' THEN 1 ELSE 2 END"
_NAMES = f"""
SELECT account, arg_min(CASE WHEN kind IN ('company', 'domain') THEN spelled ELSE kind || ':' || spelled END,
                        ({_ORDER}, turn, spelled)) AS name,
       arg_min(value, (turn, value)) FILTER (kind = 'domain') AS domain
FROM whose JOIN (
  SELECT key, kind, value, turn, CASE WHEN kind = 'domain' THEN value ELSE spelled END AS spelled
  FROM account_identifiers) USING (key) GROUP BY account ORDER BY account
"""
_IDENTIFIERS = f"""
SELECT kind, value, list(DISTINCT spelled ORDER BY spelled) AS spelled FROM whose JOIN account_identifiers USING (key)
GROUP BY kind, value ORDER BY {_ORDER}, min(turn), value
"""
_PEOPLE = """
WITH named AS (
  SELECT person, arg_min(kind || ':' || value, (kind NOT IN ('email'), kind = 'anonymous', code)) AS who
  FROM mine JOIN identifiers USING (code) GROUP BY person
)
SELECT person, who, role, since, until, says, touch_id FROM here JOIN named USING (person)
ORDER BY until IS NOT NULL, until DESC, since DESC, person
"""
_DEALS = """
SELECT row_id AS id, name, stage, won, amount, currency, opened_at, closed_at FROM deals
WHERE coalesce(account_code, people_codes[1]) IN (SELECT code FROM codes)
ORDER BY closed_at IS NOT NULL, coalesce(closed_at, opened_at) DESC, row_id
"""
_TOUCHES = "SELECT count(*) AS count FROM touches WHERE actor_code IN (SELECT code FROM codes)"
_TIED = """
WITH called AS (SELECT key, any_value(kind) || ':' || min(value) AS name FROM account_identifiers GROUP BY key)
SELECT x.name AS a, y.name AS b, says, times, touch_id, tying FROM mine
JOIN called x ON x.key = a_key JOIN called y ON y.key = b_key ORDER BY tying DESC, says, a, b
"""
_FOUND = """
SELECT DISTINCT account FROM whose JOIN account_identifiers USING (key), asked
WHERE contains(lower(kind || ':' || spelled), text) OR contains(kind || ':' || value, text)
"""
_ALL = """
SELECT account, name, domain, coalesce(people, 0) AS people, coalesce(deals, 0) AS deals, coalesce(won, 0) AS won
FROM named
LEFT JOIN (SELECT account, count(*) AS people FROM counted ANTI JOIN account_identifiers USING (code) GROUP BY account)
USING (account)
LEFT JOIN (
  SELECT belongs.account, count(*) AS deals, count(*) FILTER (won) AS won FROM deals
  JOIN belongs ON code = coalesce(account_code, people_codes[1]) GROUP BY belongs.account) USING (account)
ORDER BY people DESC, deals DESC, lower(name), account
"""
