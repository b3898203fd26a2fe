"""Profiles: what is stated of people, field by field, each value with its source and date, one of them shown."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.decisions import decisions, in_force
from hedgerow.people.kinds import DEVICE, SHARED

STATED = TableKind(
    "stated",
    pa.schema(
        [
            ("code", pa.int64()),
            ("field", pa.string()),
            ("value", pa.string()),
            ("says", pa.string()),
            ("source", pa.string()),
            ("verified", pa.bool_()),
            ("stated_at", INSTANT),
            ("touch_id", pa.string()),
            ("received_at", INSTANT),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("value", "source"),
)
"""A row: a source stated a value of a field for an identifier; `says` is touch or human."""

BOOKS = "contacts."
"""What the source of a contact book begins with: it states a field whole each time, and nothing (an empty value) where
its card no longer says it, so that its last word on a field is all that it says of it."""

STATING = ("identify", "register", "submit", "call", "meet", "note")
"""The verbs whose touches say who somebody is."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a profile: its label, the names it is stated under, and whether it may have several values."""

    label: str
    names: tuple[str, ...]
    many: bool = False


@cache
def fields() -> dict[str, Field]:
    """Return the fields of a profile by name, in the order they are shown."""
    return msgspec.toml.decode(files("hedgerow.people").joinpath("fields.toml").read_bytes(), type=dict[str, Field])


def values(workspace: Workspace, people: pa.Array | None = None, known: Clusters | None = None) -> pa.Table:
    """Return every value stated of people (ids; None is everybody), the one that is shown first in its field.

    A row: person, field, value, says, source, stated_at, touch_id, times (how often it was stated), place, and whether
    it is `shown`: the first is, or of a field with many values all. What a person set by hand goes first, then what is
    verified, then the newest, then the most frequent. Where a field with many values was set by hand, what was set last
    is all that is shown. An edit to nothing empties the field.
    """
    workspace.derived.ensure(STATED)
    person = (known or clusters(workspace)).person
    mine = pa.table({"code": np.arange(len(person)), "person": person})
    if people is not None:
        mine = mine.filter(pc.is_in(mine["person"], people.cast(pa.int64())))
    undone = _undone_edits(workspace)
    many = ", ".join(f"'{name}'" for name, field in fields().items() if field.many)
    return workspace.engine.sql(_VALUES.format(many=many, books=BOOKS), mine=mine, undone=undone)


def profiles(workspace: Workspace, people: pa.Array | None = None, known: Clusters | None = None) -> pa.Table:
    """Return a row a person of whom anything is stated: person and the shown value of each field (lists of many)."""
    shown = values(workspace, people, known)
    columns = ", ".join(
        f"list(value ORDER BY place) FILTER (field = '{name}') AS {name}" if field.many
        else f"any_value(value) FILTER (field = '{name}') AS {name}"
        for name, field in fields().items()
    )  # fmt: skip
    return workspace.engine.sql(
        f"SELECT person, {columns} FROM shown WHERE shown AND value <> '' GROUP BY person ORDER BY person", shown=shown
    )


def edits(workspace: Workspace) -> pa.Table:
    """Return what was set by hand and not taken back: code, field, value ("" empties it), stated_at, touch_id."""
    workspace.derived.ensure(STATED)
    return workspace.engine.sql(
        "SELECT code, field, value, stated_at, touch_id FROM stated ANTI JOIN undone USING (touch_id) "
        "WHERE says = 'human'",
        undone=_undone_edits(workspace),
    )


def _undone_edits(workspace: Workspace) -> pa.Table:
    made = decisions(workspace)
    force = {each.touch_id for each in in_force(made)}
    undone = [each.touch_id for each in made if each.verb == "edit" and each.touch_id not in force]
    return pa.table({"touch_id": pa.array(undone, pa.string())})


_VALUES = """
WITH everything AS (
  SELECT person, field, value, says = 'human' AS human, source, verified, stated_at, touch_id,
         rank() OVER (PARTITION BY code, field, source ORDER BY stated_at DESC, touch_id DESC) AS newest
  FROM stated JOIN mine USING (code) ANTI JOIN undone USING (touch_id)
), said AS (
  SELECT * FROM everything WHERE human OR NOT starts_with(source, '{books}') OR (newest = 1 AND value <> '')
), each AS (
  SELECT person, field, value, bool_or(human) AS human, bool_or(verified) AS verified, max(stated_at) AS stated_at,
         count(DISTINCT touch_id) AS times, arg_max(source, (human, stated_at, touch_id)) AS source,
         arg_max(touch_id, (human, stated_at, touch_id)) AS touch_id, max(stated_at) FILTER (human) AS edited_at
  FROM said GROUP BY person, field, value
)
SELECT * EXCLUDE (several, edited_at), CASE WHEN several
       THEN edited_at IS NOT DISTINCT FROM max(edited_at) OVER (PARTITION BY person, field) ELSE place = 1 END AS shown
FROM (SELECT person, field, value, CASE WHEN human THEN 'human' ELSE 'touch' END AS says, source,
       coalesce(edited_at, stated_at) AS stated_at, touch_id, times,
       row_number() OVER (PARTITION BY person, field ORDER BY edited_at DESC NULLS LAST, verified DESC,
                          stated_at DESC, times DESC, value) AS place, field IN ({many}) AS several,
                          edited_at
FROM each) ORDER BY person, field, place
"""


@cache
def stating() -> str:
    """Return the SQL that makes rows of `STATED` of the touches for which {new} holds."""
    pairs = [(f"$.{name}", field) for field, each in fields().items() for name in each.names]
    paths, named = (_listed(texts) for texts in zip(*pairs, strict=True))
    several = _listed(name for name, field in fields().items() if field.many)
    return (
        _STATING.replace("{several}", several)
        .replace("{paths}", paths)
        .replace("{fields}", named)
        .replace("{verbs}", f"({_listed(STATING)[1:-1]})")
    )


def _listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


# What is stated belongs to an identifier of the person where there is one: a device may be somebody else's tomorrow.
_STATING = (
    (
        """
WITH told AS (
  SELECT coalesce(list_filter(list_zip(names, codes), lambda x: split_part(x[1], ':', 1) NOT IN {loose})[1][2],
                  codes[1]) AS code, source, stated_at, touch_id, received_at, batch, turn, verified,
         unnest(list_zip({fields}, json_extract(properties, {paths}))) AS pair
  FROM (
    SELECT list_prepend(actor, coalesce(claims, [])) AS names, source, occurred_at AS stated_at, touch_id, received_at,
           list_prepend(actor_code, coalesce(claim_codes, [])) AS codes, batch, turn, properties,
           coalesce(properties->>'$.verified' = 'true', false) AS verified
    FROM touches WHERE {new} AND verb IN {verbs} AND properties IS NOT NULL
  )
), listed AS (
  SELECT code, pair[1] AS field, source, stated_at, touch_id, received_at, batch, turn, verified,
         unnest(CASE json_type(pair[2]) WHEN 'ARRAY' THEN from_json(pair[2], '["VARCHAR"]')
                WHEN 'OBJECT' THEN [] WHEN 'NULL' THEN CASE WHEN starts_with(source, '{books}') THEN [''] ELSE [] END
                ELSE [pair[2]->>'$'] END) AS value
  FROM told WHERE pair[2] IS NOT NULL
)
SELECT code, field, trim(value) AS value, 'touch' AS says, source, verified, stated_at, touch_id, received_at, batch,
       turn
FROM listed WHERE trim(value) <> '' OR (value = '' AND starts_with(source, '{books}'))
UNION ALL
SELECT code, field, unnest(CASE WHEN field IN {several} THEN list_distinct([trim(x) FOR x IN string_split(value, ';')])
                       ELSE [value] END), 'human', said_by, true, occurred_at, touch_id, received_at, batch, turn
FROM (SELECT *, unnest(list_prepend(actor_code, coalesce(claim_codes, []))) AS code, properties->>'$.field' AS field,
             coalesce(properties->>'$.value', '') AS value, coalesce(properties->>'$.by', source) AS said_by
      FROM (SELECT * EXCLUDE (value) FROM touches WHERE {new} AND verb = 'edit'))
ORDER BY code, field, touch_id, value
"""
    )
    .replace("{loose}", f"({_listed(SHARED + DEVICE)[1:-1]})")
    .replace("{books}", BOOKS)
)
