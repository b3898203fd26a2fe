"""Evidence: each claim that two identifiers are one person's is a row, with what says so and since when."""

import pyarrow as pa

from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT

EVIDENCE = TableKind(
    "evidence",
    pa.schema(
        [
            ("a", pa.int64()),
            ("b", pa.int64()),
            ("says", pa.string()),
            ("weight", pa.float64()),
            ("touch_id", pa.string()),
            ("since", INSTANT),
            ("received_at", INSTANT),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
)
"""A row: identifiers `a` and `b` (codes) are one person's, says `says` with `weight` 0 to 1."""

IDENTIFIERS = TableKind(
    "identifiers",
    pa.schema([("code", pa.int64()), ("kind", pa.string()), ("value", pa.string()), ("turn", pa.int64())]),
    unstated=("value",),
)


def fold(workspace: Workspace, after: int, upto: int) -> None:
    """Take the touches of the turns behind `after`, up to `upto`, into evidence and identifiers."""
    engine, new = workspace.engine, f"turn > {after} AND turn <= {upto}"
    workspace.derived.ensure(EVIDENCE)
    workspace.derived.ensure(IDENTIFIERS)
    stated = engine.sql(
        f"SELECT least(actor_code, claim) AS a, greatest(actor_code, claim) AS b, 'touch' AS says, "
        f"1.0::DOUBLE AS weight, touch_id, occurred_at AS since, received_at, batch, turn FROM "
        f"(SELECT *, unnest(claim_codes) AS claim FROM touches WHERE {new}) WHERE claim <> actor_code "
        f"ORDER BY a, b, touch_id"
    )
    workspace.derived.append("evidence", stated.cast(EVIDENCE.schema), upto)
    everyone = " UNION ALL ".join(
        f"SELECT {code} AS code, {identifier} AS identifier, turn FROM {table} WHERE {new}{also}"
        for table, code, identifier, also in _STATED
    )
    named = engine.sql(
        f"SELECT code, split_part(identifier, ':', 1) AS kind, "
        f"substr(identifier, strpos(identifier, ':') + 1) AS value, min(turn) AS turn "
        f"FROM ({everyone}) WHERE code NOT IN (SELECT code FROM identifiers) "
        f"GROUP BY code, identifier ORDER BY code"
    )
    workspace.derived.append("identifiers", named.cast(IDENTIFIERS.schema), upto)


_STATED = (
    ("touches", "actor_code", "actor", ""),
    ("touches", "account_code", "account", " AND account_code IS NOT NULL"),
    ("touches", "unnest(claim_codes)", "unnest(claims)", ""),
    ("deals_history", "account_code", "account", " AND account_code IS NOT NULL"),
    ("deals_history", "unnest(people_codes)", "unnest(people)", ""),
)
