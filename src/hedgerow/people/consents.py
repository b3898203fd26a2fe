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
SELECT unnest(list_distinct(list_prepend(actor_code, coalesce(claim_codes, [])))) AS code, purpose, given, source,
       occurred_at AS said_at, touch_id, received_at, batch, turn
FROM ({_TOUCHED}) WHERE given IS NOT NULL
UNION ALL
SELECT code, unnest(from_json(properties->'$.refused', '["VARCHAR"]')), false, source, occurred_at, touch_id,
       received_at, batch, turn
FROM (SELECT *, unnest(list_prepend(actor_code, coalesce(claim_codes, []))) AS code FROM touches
      WHERE {{new}} AND verb IN ('split', 'cut', 'undo') AND json_type(properties, '$.refused') = 'ARRAY')
ORDER BY code, purpose, touch_id
"""
"""SQL of the rows of the touches for which {new} holds. Who unsubscribes from a list refuses mail; who asks for the
newsletter, or whose touch has the property `consent` with yes, agrees to it. All that the touch names say so."""

SPOKEN = """
(SELECT code, code AS held_for, purpose, given, source, said_at, touch_id FROM consents
 UNION ALL BY NAME SELECT * FROM carried)
"""
"""SQL of every word on a purpose: which identifier said it, and for which it is held; it rests on `carried`."""


def consents(workspace: Workspace, people: pa.Array | None = None, known: Clusters | None = None) -> pa.Table:
    """Return a row for each person (ids; None is everybody) and purpose: person, purpose, given, source, said_at.

    For each identifier its latest word counts; a person has agreed where one of theirs did and none refused. So
    what anybody refused stands when people are merged, whatever the other side agreed to before or after.
    """
    workspace.derived.ensure(CONSENTS)
    known = known or clusters(workspace)
    mine = pa.table({"code": np.arange(len(known.person)), "person": known.person})
    asked = "" if people is None else "WHERE person IN (SELECT person FROM asked)"
    tables = {"mine": mine} | ({} if people is None else {"asked": pa.table({"person": people.cast(pa.int64())})})
    return workspace.engine.sql(
        f"""
        WITH latest AS (
          SELECT code, held_for, purpose, arg_max(struct_pack(given, source, said_at, touch_id),
                                                  (said_at, NOT given, touch_id)) AS said
          FROM {SPOKEN} GROUP BY code, held_for, purpose
        )
        SELECT person, purpose, bool_and(said.given) AS given,
               arg_max(said.source, (NOT said.given, said.said_at)) AS source,
               arg_max(said.said_at, (NOT said.given, said.said_at)) AS said_at,
               arg_max(said.touch_id, (NOT said.given, said.said_at)) AS touch_id
        FROM latest JOIN mine ON mine.code = held_for {asked} GROUP BY person, purpose ORDER BY person, purpose
        """,
        carried=carried(workspace, known),
        **tables,
    )


def carried(workspace: Workspace, known: Clusters) -> pa.Table:
    """Return the words of identifiers that were one person's when they were said, and are many people's by now.

    Who shares a device later takes no refusal from whom it was. Columns as those of `SPOKEN`; `held_for` is an
    identifier of the one person that evidence tied to it by then.
    """
    if not len(known.shared):
        return _NOTHING
    return workspace.engine.sql(
        """
        WITH said AS (FROM consents SEMI JOIN shared USING (code)), tied AS (
          SELECT a AS code, b AS other, since FROM evidence UNION ALL SELECT b, a, since FROM evidence
        )
        SELECT code, min(other) AS held_for, purpose, given, source, said_at, touch_id
        FROM said JOIN tied USING (code) JOIN mine USING (other)
        WHERE since <= said_at AND other NOT IN (SELECT code FROM shared)
        GROUP BY code, purpose, given, source, said_at, touch_id HAVING count(DISTINCT person) = 1
        """,
        shared=pa.table({"code": known.shared}),
        mine=pa.table({"other": np.arange(len(known.person)), "person": known.person}),
    )


_WORDS = ("purpose", "given", "source", "said_at", "touch_id")
_NOTHING = pa.schema(
    [("code", pa.int64()), ("held_for", pa.int64()), *((name, CONSENTS.schema.field(name).type) for name in _WORDS)]
).empty_table()
