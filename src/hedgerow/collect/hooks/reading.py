"""Reading: the objects of webhooks made touches by the same maps that files are imported with."""

from collections.abc import Mapping

from hedgerow.collect.importing.formats.texts import LINE, object_columns
from hedgerow.collect.map import Map, wanted_columns
from hedgerow.collect.mapping import statement

ARRIVED = "received_at"
"""A column that every webhook's map may read: when the delivery came, for senders that state no time."""


def question(found: Map, fields: Mapping[str, str]) -> str:
    """Return the query that makes touches of `requests` by a map; as `protocol.statement` does for a protocol.

    A row without an id of its own has that of its delivery, where the sender gives one. Raises `HedgerowError` for
    an expression of the map that can't be used.
    """
    wanted = wanted_columns(found, "touch")
    names = [name for name in wanted if name != ARRIVED]
    parts, columns = object_columns(names)
    objects = (
        "SELECT request, coalesce(TRY_CAST(json_extract_string(head, '$.arrived') AS BIGINT), received_at) "
        "AS received_at, json_extract_string(head, '$.delivery') AS delivery, "
        "unnest(messages)::VARCHAR AS text, generate_subscripts(messages, 1) AS number "
        "FROM (SELECT *, from_json(body, '[\"JSON\"]') AS messages FROM requests)"
    )
    arrived = f"make_timestamptz(received_at)::VARCHAR AS {ARRIVED}"
    rows = (
        f"SELECT {columns} {arrived}, request, text AS message, delivery, number, "
        f"row_number() OVER (ORDER BY request, number) AS {LINE} FROM (SELECT *, {parts} AS parts FROM ({objects}))"
    )
    mapped = statement(found, "touch", [*names, ARRIVED], dict(fields))
    own = "sender_id, " if all("id" in section for section in found.touch) else ""
    reckoned = any(ARRIVED in section["occurred_at"] for section in found.touch)
    # A delivery that is sent again comes at another time: that is no other content.
    said = "'' AS said_at, " if reckoned else ""
    named = f"coalesce({own}rows.delivery || ':' || rows.number || ':' || section) AS sender_id"
    return (
        f"WITH rows AS MATERIALIZED ({rows}), mapped AS ({mapped}) "
        f"SELECT mapped.* EXCLUDE ({own}line), {said}{named}, request, message FROM "
        f"(SELECT *, row_number() OVER (PARTITION BY line) AS section FROM mapped) mapped "
        f"JOIN rows ON rows.{LINE} = line ORDER BY line, section"
    )
