"""The story so far: what a seller should know of a lead that is handed over, each line with the touch that says it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from hedgerow.charter import Charter, sentence
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.commands import find_lead, identifier_of
from hedgerow.leads.force import in_force
from hedgerow.leads.state import history
from hedgerow.ledger import OWN, Workspace, verbs
from hedgerow.people import clusters, edits

PARTS = {
    "who": "Who",
    "why": "Why now",
    "did": "What they did",
    "said": "What they said",
    "read": "What they read",
    "ours": "What we did",
}
_MOST = 7
"""Lines of a part at the most, the latest."""


@dataclass(frozen=True)
class Line:
    """A line of a story: its part (see `PARTS`), when it was, what it says, and the touch or row behind it."""

    part: str
    at: datetime
    text: str
    touch_id: str


def story(workspace: Workspace, lead: str, until: datetime | None = None) -> list[Line]:
    """Return the story of a lead up to an instant (None: now), part by part, the latest lines first.

    Raises `HedgerowError` where nobody is a lead by that identifier.
    """
    code, force = find_lead(workspace, lead), in_force(workspace, until)
    if force is None:
        raise HedgerowError("No charter was in force then: name a later time.")
    return story_of(workspace, force.charter, code, history(workspace, code).to_pylist(), until)


def story_of(
    workspace: Workspace, charter: Charter, code: int, changes: list[dict[str, Any]], until: datetime | None = None
) -> list[Line]:
    """Return what `story` returns of the lead of a code under a charter, of which these are the changes, in order."""
    instant = clock.microseconds(until or clock.now())
    person = clusters(workspace).person
    codes = ", ".join(map(str, np.flatnonzero(person == person[code]).tolist()))
    return [
        *_who(workspace, codes, instant),
        *_why(charter, [row for row in changes if _by(row["changed_at"], instant)]),
        *_heard(workspace, codes, instant),
    ]


def introduction(workspace: Workspace, lead: str, until: datetime | None = None) -> str:
    """Return the note that introduces a lead to its seller, as plain text; raises what `story` raises."""
    lines = story(workspace, lead, until)
    said = [identifier_of(workspace, find_lead(workspace, lead))]
    for part, heading in PARTS.items():
        here = [line for line in lines if line.part == part]
        if here:
            said += ["", heading, *(f"- {line.at:%Y-%m-%d} {line.text} [{line.touch_id[:8]}]" for line in here)]
    return "\n".join(said) + "\n"


def _by(at: datetime, instant: int) -> bool:
    return clock.microseconds(at) <= instant


def _who(workspace: Workspace, codes: str, instant: int) -> list[Line]:
    latest = "by_hand, said_at, touch_id"
    rows = workspace.engine.sql(
        f"SELECT name, arg_max(value, ({latest})) AS value, arg_max(said_at, ({latest})) AS said, "
        f"arg_max(touch_id, ({latest})) AS touch_id FROM (SELECT *, false AS by_hand FROM traits UNION ALL BY NAME "
        f"SELECT code, field AS name, value, stated_at AS said_at, touch_id, true AS by_hand FROM edits) "
        f"WHERE code IN ({codes}) AND epoch_us(said_at) <= {instant} GROUP BY name HAVING value <> '' ORDER BY name",
        edits=edits(workspace),
    ).to_pylist()
    return [
        Line("who", row["said"], f"{row['name'].replace('_', ' ')}: {row['value']}", row["touch_id"]) for row in rows
    ]


def _why(charter: Charter, changes: list[dict[str, Any]]) -> list[Line]:
    came = next((row for row in reversed(changes) if row["verb"] == "progress"), None)
    if came is None:
        return []
    rule = charter.transitions.get(came["rule"])
    because = f", since {sentence(rule.when)}" if rule else ""
    facts = msgspec.json.decode(came["facts"] or "{}")
    known = ", ".join(
        charter.facts[name].phrase(_decimal(value)) for name, value in facts.items() if name in charter.facts
    )
    text = f"It came to '{came['stage']}' by '{came['rule']}'{because}{f' ({known})' if known else ''}."
    return [Line("why", came["changed_at"], text, came["touch_id"])]


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(str(value)).quantize(Decimal("0.1"))


def _heard(workspace: Workspace, codes: str, instant: int) -> list[Line]:
    known = {verb: says for group in ("activity", "field", "outcome") for verb, says in verbs()[group].items()}
    listed = ", ".join(f"'{verb}'" for verb in known)
    rows = workspace.engine.sql(
        f"SELECT t.touch_id, t.occurred_at, t.verb, t.channel, object, title, text, "
        f"json_extract_string(t.properties, '$.by') AS by_whom, t.source = '{OWN}' AS own, "
        f"CASE WHEN t.source = '{OWN}' OR t.verb IN ('note', 'call', 'send', 'deliver', 'bounce') THEN 'ours' "
        f"WHEN text IS NOT NULL THEN 'said' WHEN t.verb IN ('view', 'read', 'listen', 'open', 'click') "
        f"THEN 'read' ELSE 'did' END AS part FROM touches t JOIN marks m USING (touch_id) WHERE NOT m.automaton "
        f"AND t.actor_code IN ({codes}) AND m.actor_code IN ({codes}) AND epoch_us(t.occurred_at) <= {instant} "
        f"AND t.verb IN ({listed}) QUALIFY row_number() OVER "
        f"(PARTITION BY part ORDER BY t.occurred_at DESC, t.touch_id DESC) <= {_MOST} "
        f"ORDER BY part, t.occurred_at DESC, t.touch_id DESC"
    ).to_pylist()
    return [Line(row["part"], row["occurred_at"], _said(row, known), row["touch_id"]) for row in rows]


def _said(row: dict[str, Any], known: dict[str, str]) -> str:
    about = row["title"] or row["object"]
    where = f" ({row['channel']})" if row["channel"] else ""
    if row["part"] == "said":
        return f"“{row['text'].strip()}”{where}"
    if row["part"] == "ours":
        by = f", by {row['by_whom'].removeprefix('user:')}" if row["own"] and row["by_whom"] else ""
        what = ": ".join(part.strip() for part in (about, row["text"]) if part)
        return f"{known[row['verb']]}{by}{f': {what}' if what else ''}{where}"
    return f"{known[row['verb']]}{f': {about}' if about else ''}{where}"
