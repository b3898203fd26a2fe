"""Swarms: clicks that no person made, told by behaviour: a mail scanner follows every link within seconds."""

SECONDS, LINKS = 5, 3
"""One hand that follows this many different links within these seconds of a click made that click as a program."""

HAND = (
    "CASE WHEN verb = 'click' THEN ('0x' || left(sha256(coalesce("
    "CASE WHEN source = 'links' THEN json_extract_string(properties, '$.from') END, actor)), 15))::BIGINT END"
)
"""The SQL for whose hand made a click: where it came from, if the door told that, or its actor; else nothing."""

TARGET = (
    "CASE WHEN verb = 'click' THEN ('0x' || left(sha256(coalesce("
    "CASE WHEN source = 'links' THEN object END, url, object, title, '')), 15))::BIGINT END"
)
"""The SQL for where a click led."""

_NEAR = f"RANGE BETWEEN INTERVAL {SECONDS} SECONDS PRECEDING AND INTERVAL {SECONDS} SECONDS FOLLOWING"


def swarms_among(marks: str) -> str:
    """Return the SQL for the clicks of swarms, told by what `marks` (SQL for some of them) hold of each hand."""
    return (
        f"SELECT DISTINCT hand, occurred_at FROM (SELECT hand, occurred_at, "
        f"count(DISTINCT target) OVER (PARTITION BY hand ORDER BY occurred_at {_NEAR}) AS links "
        f"FROM {marks} WHERE hand IS NOT NULL) WHERE links >= {LINKS}"
    )


SWARMS = swarms_among("marks")
"""The clicks of swarms, as they are told apart in `marks`; worked out when asked, so that an undone import is gone."""

BY_PEOPLE = f"(FROM marks ANTI JOIN ({SWARMS}) USING (hand, occurred_at) WHERE NOT automaton)"
"""The marks of what people did: neither by a program's name nor by its behaviour."""
