"""Stating: what touches and deals say of companies, and of who belongs to one, folded into tables of numbers.

An account identifier has a key, made of its regular form alone, so that spellings of one are one. What states
somebody's company is kept day by day, the first statement and the last: all that belonging over time asks for.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import pyarrow as pa

from hedgerow.ledger import TableKind, Workspace, verbs
from hedgerow.ledger.touch import INSTANT
from hedgerow.people.accounts.said import BELONGING, TYING
from hedgerow.people.words.domains import company_domain, label_of, rules_of_domains
from hedgerow.people.words.employers import employer_key, is_employment
from hedgerow.people.words.folding import squeezed

_SEEN = (("touch_id", pa.string()), ("received_at", INSTANT), ("batch", pa.int64()), ("turn", pa.int64()))

IDENTIFIERS = TableKind(
    "account_identifiers",
    pa.schema(
        [
            ("key", pa.int64()),
            ("code", pa.int64()),
            ("kind", pa.string()),
            ("value", pa.string()),
            ("spelled", pa.string()),
            ("stem", pa.string()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("value", "spelled"),
)
"""A spelling of an account identifier: its key, its code where the ledger gave it one, its regular `value`, and the
`stem` by which a company's name and its own domain are alike."""

BELONGINGS = TableKind(
    "belongings",
    pa.schema(
        [
            ("code", pa.int64()),
            ("key", pa.int64()),
            ("says", pa.string()),
            ("role", pa.string()),
            ("since", INSTANT),
            ("until", INSTANT),
            *_SEEN,
        ]
    ),
)
"""Somebody (`code`) belongs to the account of `key` since then: says mail, employer, deal, touch or human."""

TIES = TableKind("account_ties", pa.schema([("a", pa.int64()), ("b", pa.int64()), ("says", pa.string()),
                                            ("since", INSTANT), *_SEEN]))  # fmt: skip
"""`a` and `b` are one account (says same), or `b` owns `a` (says parent); `a` = `b` says there is such an account."""

TABLES = (IDENTIFIERS, TIES, BELONGINGS)
TABLE_NAMES = tuple(kind.name for kind in TABLES)
KINDS = ("account", "company", "domain", "group", "organization", "site", "website")
"""Kinds of identifiers that are of accounts wherever they stand."""

_VERSION = "1"


def rules(workspace: Workspace) -> str:
    """Return what is folded here rests on, beside the ledger."""
    return f"{_VERSION} {rules_of_domains()}"


def prepare(workspace: Workspace) -> None:
    """Make the tables of accounts, where they are missing, so that an empty ledger can be asked."""
    for kind in TABLES:
        workspace.derived.ensure(kind)


def fold(workspace: Workspace, after: int, upto: int) -> None:
    """Take the touches and deals of the turns behind `after`, up to `upto`, into the tables of accounts."""
    prepare(workspace)
    deciding = _listed([verb for verb in verbs()["decision"] if verb != "edit"])
    told, tied = (
        workspace.engine.sql(
            query.replace("{new}", f"turn > {after} AND turn <= {upto}")
            .replace("{deciding}", deciding)
            .replace("{kinds}", _listed(KINDS))
        )
        for query in (BELONGING, TYING)
    )
    known = _known(workspace, told, tied)
    roles = [role for role in told["role"].unique().to_pylist() if not is_employment(role)]
    idle = pa.table({"role": pa.array(roles, pa.string())})
    named = workspace.engine.sql(_NAMED, told=told, tied=tied, known=known)
    ties = workspace.engine.sql(_TIED, tied=tied, known=known)
    rows = workspace.engine.sql(_BELONGING, told=told, known=known, idle=idle)
    for kind, made in ((IDENTIFIERS, named), (TIES, ties), (BELONGINGS, rows)):
        workspace.derived.append(kind.name, made.cast(kind.schema), upto)


def key_of(kind: str, value: str) -> int:
    """Return the key of an account identifier, above every code: 60 bits of SHA-256 of its regular form."""
    digest = hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
    return (1 << 60) | int(digest[:15], 16)


def regular(what: str, text: str) -> tuple[str, str] | None:
    """Return the kind and the regular value of what was said of a company; None where it says nothing of one.

    `what` is how it was said: identifier (kind:value), mail (a mail domain), site (a domain or an address), employer
    (a name), or any (whichever it looks like).
    """
    read = _READERS.get(what) or _READERS["any"]
    return read(text)


def _known(workspace: Workspace, *said: pa.Table) -> pa.Table:
    """Return a row for each thing said of a company: what, text, key, kind, value, stem."""
    distinct = workspace.engine.sql(
        "SELECT DISTINCT what, text FROM (SELECT what, text FROM told UNION ALL SELECT a_what, a FROM tied "
        "UNION ALL SELECT b_what, b FROM tied) WHERE text IS NOT NULL",
        told=said[0],
        tied=said[1],
    ).to_pylist()
    read = ((row, _read(row["what"], row["text"])) for row in distinct)
    return pa.Table.from_pylist([row | found for row, found in read if found], _KNOWN)


@lru_cache(1 << 16)
def _read(what: str, text: str) -> dict[str, str | int | None] | None:
    if (found := regular(what, text)) is None:
        return None
    kind, value = found
    return {"key": key_of(kind, value), "kind": kind, "value": value, "stem": _stem(kind, value)}


_KNOWN = pa.schema(
    [(name, pa.int64() if name == "key" else pa.string()) for name in ("what", "text", "key", "kind", "value", "stem")]
)


def _identifier(text: str) -> tuple[str, str] | None:
    kind, _, value = text.partition(":")
    if kind in ("domain", "site", "website"):
        return _site(value)
    if kind in ("company", "organization"):
        return _employer(value)
    if kind == "email":
        return _mail(value.rpartition("@")[2])
    return (kind, value) if value.strip() else None


def _mail(text: str) -> tuple[str, str] | None:
    domain = company_domain(text)
    return ("domain", domain) if domain else None


def _site(text: str) -> tuple[str, str] | None:
    domain = company_domain(text, stated=True)
    return ("domain", domain) if domain else None


def _employer(text: str) -> tuple[str, str] | None:
    key = employer_key(text)
    return ("company", key) if key else None


def _any(text: str) -> tuple[str, str] | None:
    if _KIND_AND_VALUE.match(text):
        return _identifier(text)
    return (_site(text) if "." in text and " " not in text.strip() else None) or _employer(text)


_KIND_AND_VALUE = re.compile(r"[a-z][a-z0-9_.-]*:(?!//)\S")
_READERS: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "identifier": _identifier,
    "mail": _mail,
    "site": _site,
    "employer": _employer,
    "any": _any,
}


def _stem(kind: str, value: str) -> str | None:
    return squeezed(label_of(value)) if kind == "domain" else value if kind == "company" else None


def _listed(names: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


_NAMED = """
WITH stated AS (
  SELECT what, text, account_code AS code, turn FROM told
  UNION ALL SELECT a_what, a, a_code, turn FROM tied UNION ALL SELECT b_what, b, b_code, turn FROM tied
), spelled AS (
  SELECT key, code, kind, value, CASE WHEN what = 'mail' THEN value WHEN what = 'identifier'
    THEN substr(text, strpos(text, ':') + 1) ELSE trim(text) END AS spelled, stem, min(turn) AS turn
  FROM stated JOIN known USING (what, text) GROUP BY ALL
)
SELECT key, code, kind, value, spelled, stem, turn FROM spelled s WHERE NOT EXISTS (
  FROM account_identifiers i WHERE i.key = s.key AND i.code IS NOT DISTINCT FROM s.code AND i.spelled = s.spelled)
ORDER BY turn, key, code, spelled
"""
_TIED = """
SELECT a.key AS a, b.key AS b, says, min(since) AS since, arg_min(touch_id, (since, touch_id)) AS touch_id,
       min(received_at) AS received_at, batch, turn
FROM tied JOIN known a ON a.what = a_what AND a.text = tied.a JOIN known b ON b.what = b_what AND b.text = tied.b
WHERE says = 'same' OR a.key <> b.key GROUP BY a.key, b.key, says, since::DATE, batch, turn
ORDER BY turn, a, b, says, since, batch
"""
# A mail address says it once, when it is first seen: a later row of an address that an earlier turn has is let go,
# unless it is of an earlier time.
_BELONGING = """
WITH said AS (
  SELECT code, key, says, role, since, until, touch_id, received_at, batch, turn
  FROM told JOIN known USING (what, text) ANTI JOIN idle USING (role)
), daily AS (
  SELECT code, key, says, role, until, batch, turn, min(received_at) AS received_at, unnest(list_distinct([
    min({since: since, touch_id: touch_id}), max({since: since, touch_id: touch_id})])) AS said
  FROM said WHERE says <> 'mail'
  GROUP BY code, key, says, role, until, batch, turn, coalesce(since, until)::DATE
), mailed AS (
  SELECT *, min(since) OVER (PARTITION BY code, batch ORDER BY turn
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM said WHERE says = 'mail'
), had AS (
  SELECT code, batch, min(since) AS before FROM belongings WHERE says = 'mail' GROUP BY code, batch
)
SELECT code, key, says, role, said.since AS since, until, said.touch_id AS touch_id, received_at, batch, turn FROM daily
UNION ALL
SELECT code, key, says, role, since, until, touch_id, received_at, batch, turn
FROM mailed LEFT JOIN had USING (code, batch)
WHERE since < least(coalesce(mailed.before, 'infinity'), coalesce(had.before, 'infinity'))
ORDER BY turn, code, key, says, since, touch_id
"""
