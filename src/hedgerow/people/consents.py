"""Consents: what people agreed to and took back, for each purpose, with source and date; no merge loses a no."""

import numpy as np
import pyarrow as pa

from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT
from hedgerow.people.clusters import Clusters, clusters

CONSENTS = TableKind(
    "consents",
    pa.schema(
        [
            ("code", pa.int64()),
            ("purpose", pa.string()),
            ("given", pa.bool_()),
            ("source", pa.string()),
            ("said_at", INSTANT),
            ("touch_id", pa.string()),
            ("received_at", INSTANT),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("source",),
)
"""A row: for an identifier somebody agreed to a purpose (`given`), or said no."""

MAIL, EVERYTHING = "mail", "everything"
"""The purpose of messages, and the one that a refusal of all contact is about."""

_NO, _YES = "('false', 'no')", "('true', 'yes')"
_FORM = "verb IN ('submit', 'register') AND lower(coalesce(object, json_extract_string(properties, '$.form')))"
_TOUCHED = f"""
SELECT *, CASE verb WHEN 'block' THEN '{EVERYTHING}' WHEN 'consent' THEN coalesce(object, '{MAIL}')
                    WHEN 'withdraw' THEN coalesce(object, '{MAIL}') ELSE '{MAIL}' END AS purpose,
       CASE WHEN verb IN ('withdraw', 'unsubscribe', 'block') THEN false WHEN verb = 'consent' THEN true
            WHEN said IN {_NO} THEN false WHEN said IN {_YES} OR ({_FORM} = 'newsletter') THEN true END AS given
FROM (SELECT *, lower(json_extract_string(properties, '$.consent')) AS said FROM touches WHERE {{new}})
"""

# A split, a cut or an undo carries over what the person had refused, so that both sides keep it.
CONSENTING = f"""
SELECT actor_code AS code, purpose, given, source, occurred_at AS said_at, touch_id, received_at, batch, turn
FROM ({_TOUCHED}) WHERE given IS NOT NULL
UNION ALL
SELECT code, unnest(from_json(properties->'$.refused', '["VARCHAR"]')), false, source, occurred_at, touch_id,
       received_at, batch, turn
FROM (SELECT *, unnest(list_prepend(actor_code, coalesce(claim_codes, []))) AS code FROM touches
      WHERE {{new}} AND verb IN ('split', 'cut', 'undo') AND json_type(properties, '$.refused') = 'ARRAY')
ORDER BY code, purpose, touch_id
"""
"""SQL of the rows of the touches for which {new} holds. Who unsubscribes from a list refuses mail; who asks for the
newsletter, or whose touch has the property `consent` with yes, agrees to it."""


def consents(workspace: Workspace, people: pa.Array | None = None, known: Clusters | None = None) -> pa.Table:
    """Return a row for each person (ids; None is everybody) and purpose: person, purpose, given, source, said_at.

    For each identifier its latest word counts; a person has agreed where one of theirs did and none refused. So
    what anybody refused stands when people are merged, whatever the other side agreed to before or after.
    """
    workspace.derived.ensure(CONSENTS)
    person = (known or clusters(workspace)).person
    mine = pa.table({"code": np.arange(len(person)), "person": person})
    asked = "" if people is None else "WHERE person IN (SELECT person FROM asked)"
    tables = {"mine": mine} | ({} if people is None else {"asked": pa.table({"person": people.cast(pa.int64())})})
    return workspace.engine.sql(
        f"""
        WITH latest AS (
          SELECT code, purpose, arg_max(struct_pack(given, source, said_at, touch_id),
                                        (said_at, NOT given, touch_id)) AS said
          FROM consents GROUP BY code, purpose
        )
        SELECT person, purpose, bool_and(said.given) AS given,
               arg_max(said.source, (NOT said.given, said.said_at)) AS source,
               arg_max(said.said_at, (NOT said.given, said.said_at)) AS said_at,
               arg_max(said.touch_id, (NOT said.given, said.said_at)) AS touch_id
        FROM latest JOIN mine USING (code) {asked} GROUP BY person, purpose ORDER BY person, purpose
        """,
        **tables,
    )
