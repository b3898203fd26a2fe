"""Evidence: each claim that two identifiers are one person's is a row, with what says so and since when."""

import pyarrow as pa

from hedgerow.ledger import TableKind, verbs
from hedgerow.ledger.touch import INSTANT

EVIDENCE = TableKind(
    "evidence",
    pa.schema(
        [
            ("a", pa.int64()),
            ("b", pa.int64()),
            ("says", pa.string()),
            ("said_by", pa.string()),
            ("weight", pa.float64()),
            ("touch_id", pa.string()),
            ("since", INSTANT),
            ("received_at", INSTANT),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
)
"""A row: identifiers `a` < `b` (codes) are one person's, says `says` (touch, import, match or human) by `said_by` with
`weight`, the probability that it is so."""

IDENTIFIERS = TableKind(
    "identifiers",
    pa.schema([("code", pa.int64()), ("kind", pa.string()), ("value", pa.string()), ("turn", pa.int64())]),
    unstated=("value",),
)

VERIFIED = TableKind(
    "verified",
    pa.schema([("code", pa.int64()), ("touch_id", pa.string()), ("batch", pa.int64()), ("turn", pa.int64())]),
)
"""The mail addresses that a touch says were verified (`"verified": true` among its properties)."""

DECISIONS = TableKind(
    "decisions",
    pa.schema(
        [
            ("touch_id", pa.string()),
            ("occurred_at", INSTANT),
            ("received_at", INSTANT),
            ("verb", pa.string()),
            ("said_by", pa.string()),
            ("reason", pa.string()),
            ("names", pa.list_(pa.string())),
            ("codes", pa.list_(pa.int64())),
            ("object", pa.string()),
            ("properties", pa.string()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("names", "object", "properties", "reason", "said_by"),
)
"""What was decided about who is who: `names` and `codes` are the identifiers it is about, the actor first."""

TABLES = (DECISIONS, VERIFIED, IDENTIFIERS, EVIDENCE)

TYING = {"merge": "human", "match": "match"}
"""The decisions whose claims are evidence, and what says so."""


_BY = "coalesce(properties->>'$.by', source)"
_DECIDING = ", ".join(f"'{verb}'" for verb in sorted(verbs()["decision"]) if verb not in TYING)
_SAYS = " ".join(f"WHEN '{verb}' THEN '{says}'" for verb, says in TYING.items())
_EVIDENCE = (
    f"SELECT least(actor_code, claim) AS a, greatest(actor_code, claim) AS b, CASE verb {_SAYS} "
    f"ELSE CASE WHEN batch > 0 THEN 'import' ELSE 'touch' END END AS says, "
    f"CASE WHEN verb IN ('merge', 'match') THEN {_BY} ELSE source END AS said_by, "
    f"CASE verb WHEN 'match' THEN coalesce((properties->>'$.probability')::DOUBLE, 1) ELSE 1 END AS weight, "
    f"touch_id, occurred_at AS since, received_at, batch, turn FROM "
    # A merge names all that is known of the two; it ties the first of each.
    f"(SELECT *, unnest(CASE verb WHEN 'merge' THEN claim_codes[:1] ELSE claim_codes END) AS claim FROM touches "
    f"WHERE {{new}} AND verb NOT IN ({_DECIDING})) "
    f"WHERE claim <> actor_code ORDER BY a, b, touch_id"
)
_VERIFIED = (
    "SELECT code, touch_id, batch, turn FROM (SELECT unnest(list_prepend(actor, coalesce(claims, []))) AS name, "
    "unnest(list_prepend(actor_code, coalesce(claim_codes, []))) AS code, touch_id, batch, turn FROM touches "
    "WHERE {new} AND properties LIKE '%\"verified\"%' AND properties->>'$.verified' = 'true') "
    "WHERE starts_with(name, 'email:') ORDER BY code, touch_id"
)
_DECISIONS = (
    f"SELECT touch_id, occurred_at, received_at, verb, {_BY} AS said_by, properties->>'$.reason' AS reason, "
    "list_prepend(actor, coalesce(claims, [])) AS names, "
    "list_prepend(actor_code, coalesce(claim_codes, [])) AS codes, object, properties, batch, turn FROM touches "
    "WHERE {new} AND verb IN ('merge', 'match', 'split', 'doubt', 'cut', 'edit', 'undo') ORDER BY occurred_at, touch_id"
)
_STATED = (
    ("touches", "actor_code", "actor", ""),
    ("touches", "account_code", "account", " AND account_code IS NOT NULL"),
    ("touches", "unnest(claim_codes)", "unnest(claims)", ""),
    ("deals_history", "account_code", "account", " AND account_code IS NOT NULL"),
    ("deals_history", "unnest(people_codes)", "unnest(people)", ""),
)
_IDENTIFIERS = (
    "SELECT code, split_part(identifier, ':', 1) AS kind, "
    "substr(identifier, strpos(identifier, ':') + 1) AS value, min(turn) AS turn FROM ("
    + " UNION ALL ".join(
        f"SELECT {code} AS code, {identifier} AS identifier, turn FROM {table} WHERE {{new}}{also}"
        for table, code, identifier, also in _STATED
    )
    + ") WHERE code NOT IN (SELECT code FROM identifiers) GROUP BY code, identifier ORDER BY code"
)
STEPS = tuple(zip(TABLES, (_DECISIONS, _VERIFIED, _IDENTIFIERS, _EVIDENCE), strict=True))
"""Each table with the SQL of its rows, made of the touches for which {new} holds."""
