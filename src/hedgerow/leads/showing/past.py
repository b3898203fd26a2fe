"""Past: the changes of a lead in words, each with its rule, what was known then, and who decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from hedgerow.charter import Charter, Condition, sentence
from hedgerow.leads.force import InForce, in_force
from hedgerow.leads.moving.rules import BEGIN, MERGE, RULES, SPLIT, WAKE
from hedgerow.ledger import Workspace

_HOUSE = {
    BEGIN: "their first touch",
    WAKE: "the day came on which it was to wake",
    SPLIT: "its person was parted from another",
    MERGE: "its person is another lead's too",
    RULES: "the charter changed",
}


@dataclass(frozen=True)
class Past:
    """A change: when, what happened, by which rule and its words, the facts it rested on, who decided, its touch."""

    at: datetime
    what: str
    rule: str
    because: str
    facts: list[str]
    by: str
    touch_id: str


def past(workspace: Workspace, changes: list[dict[str, Any]], force: InForce) -> list[Past]:
    """Return the changes of a lead (rows of `CHANGES`, in order) in words, the latest first.

    A rule is said as the charter said it that was in force then; `force` is the one that is now.
    """
    charters: dict[str, Charter] = {}
    told = []
    for row in changes:
        if row["by"].startswith("charter ") and row["by"] not in charters:
            then = force if force.enacted_at <= row["changed_at"] else in_force(workspace, row["changed_at"])
            charters |= {row["by"]: then.charter} if then else {}
        told.append(_past(charters.get(row["by"]), row))
    return told[::-1]


def _past(charter: Charter | None, row: dict[str, Any]) -> Past:
    facts = msgspec.json.decode(row["facts"] or "{}")
    known = charter.facts if charter else {}
    phrases = [known[name].phrase(_decimal(value)) for name, value in facts.items() if name in known]
    because = _HOUSE.get(row["rule"]) or _said(charter, row) or row["reason"] or ""
    if row["verb"] == "return":
        because = row["reason"] or ""
    return Past(row["changed_at"], _what(row), row["rule"], because, phrases, row["by"], row["touch_id"])


def _what(row: dict[str, Any]) -> str:
    wakes = f", to wake on {row['wake_at']:%Y-%m-%d}" if row["wake_at"] else ""
    said = {
        "progress": f"came to '{row['stage']}', with {row['owner']}",
        "assign": f"was given to {row['owner']}",
        "take": f"was taken on by {row['owner']}",
        "return": f"was sent back{wakes}",
        "escalate": f"{row['team']} was told: '{row['rule']}' ran out",
        "cede": "gave way to another lead of the same person",
        "restrict": _restricted(row),
    }
    return said[row["verb"]]


def _restricted(row: dict[str, Any]) -> str:
    marketing = {True: "opened to marketing", False: "closed to marketing", None: "left to the charter"}[row["allows"]]
    return f"is {'out of' if row['taken_out'] else 'in'} marketing's audiences, and {marketing}"


def _said(charter: Charter | None, row: dict[str, Any]) -> str:
    """Return what the rule of a change asks, in words; "" where it asks nothing."""
    if charter is None:
        return ""
    rule, asked = row["rule"], list[Condition | None]()
    if rule in charter.transitions:
        return sentence(charter.transitions[rule].when)
    asked = [stage.clocks[rule].must for stage in charter.stages.values() if rule in stage.clocks]
    missed = asked[0] if asked else None
    return f"it ran out before {sentence(missed)}" if missed else "its stay was over" if asked else ""


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(str(value)).quantize(Decimal("0.1"))
