"""Standing: one lead as it is now: what made its score, what is to be done next and why, and what may be done."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow import score
from hedgerow.charter import Charter, Condition, holds, sentence
from hedgerow.charter.facts import Fact
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.change import becomes
from hedgerow.leads.commands import answered
from hedgerow.leads.current import LATEST
from hedgerow.leads.deals import deals_of
from hedgerow.leads.force import InForce, force_of
from hedgerow.leads.knowing import facts_of
from hedgerow.leads.knowing.scores import SCORES
from hedgerow.leads.moving.looking import members_of
from hedgerow.leads.showing.past import Past, past
from hedgerow.leads.showing.steps import next_step
from hedgerow.leads.showing.story import Line, story_of
from hedgerow.leads.state import history
from hedgerow.ledger import Workspace
from hedgerow.people import clusters, names

_OF_ROW = ("score", "fit", "engagement", "grade", "segment")
"""Facts that a lead's row has as of when it was last looked at: nothing that is decided has changed since."""


@dataclass(frozen=True)
class Way:
    """A way on from where a lead stands: the rule, where it leads, its condition in words, and whether that holds."""

    rule: str
    to: str
    says: str
    holds: bool


@dataclass(frozen=True)
class Clock:
    """The clock that is due first: what it waits for, within how long, when it is due, and what happens otherwise."""

    name: str
    must: str
    within: str
    due_at: datetime
    late: bool
    otherwise: str


@dataclass(frozen=True)
class Standing:
    """A lead as it is: `row` is of `LEADS`, with name, offered, side, says (of its stage), taken_out and allows.

    `facts` are those that its clock and the ways on ask for, in words; `gains` the charter's own rules that hold, each
    with its points; `earned` is of `score.earned`; `may` what can be done with it now, `others` who else of its team
    can have it.
    """

    row: dict[str, Any]
    next_step: str
    clock: Clock | None
    ways: list[Way]
    facts: list[str]
    gains: list[tuple[str, str, int]]
    earned: pa.Table
    deals: list[dict[str, Any]]
    story: list[Line]
    past: list[Past]
    may: tuple[str, ...]
    others: list[str]


def standing(workspace: Workspace, lead: int) -> Standing:
    """Return the lead that stands under an identifier code, as it is now; raises `HedgerowError` where there is none.

    Of one that gave way, its row's `ceded_to` says to which.
    """
    with workspace.engine.still():
        return _standing(workspace, force_of(workspace), lead)


def _standing(workspace: Workspace, force: InForce, lead: int) -> Standing:
    charter = force.charter
    rows = []
    if "leads" in workspace.derived.names():
        rows = workspace.engine.sql(f"SELECT * FROM {LATEST} WHERE lead = {lead}").to_pylist()
    if not rows:
        raise HedgerowError(f"There is no lead {lead}: look for it among all leads.")
    changes = history(workspace, lead).to_pylist()
    person = int(clusters(workspace).person[lead])
    row = _told(charter, rows[0], changes[-1], names(workspace, [person])[person], person)
    known = _facts(workspace, charter, row)
    stage = charter.stages.get(row["stage"])
    first = stage.clocks[row["clock"]] if stage and row["clock"] in stage.clocks else None
    ways = _ways(charter, row["stage"], known) if stage else []
    asked = [charter.transitions[way.rule].when for way in ways] + [first.must if first else None]
    return Standing(
        row=row,
        next_step=next_step(charter, row["stage"], row["clock"]),
        clock=_clock(charter, row),
        ways=ways,
        facts=_phrases(charter, known, asked),
        gains=[
            (name, sentence(each.when), each.points) for name, each in charter.score.items() if holds(each.when, known)
        ],
        earned=score.earned(workspace, person),
        deals=deals_of(workspace, person),
        story=story_of(workspace, charter, lead, changes),
        past=past(workspace, changes, force),
        may=_may(charter, row),
        others=[each for each in dict.fromkeys(_team(charter, row["team"])) if each != row["owner"]],
    )


def _told(charter: Charter, row: dict[str, Any], last: dict[str, Any], name: str, person: int) -> dict[str, Any]:
    side = charter.teams[row["team"]].side if row["team"] in charter.teams else ""
    waits = row["stage"] in answered(charter) and not row["accepted"] and not row["returned"]
    stage = charter.stages.get(row["stage"])
    return row | {
        "name": name,
        "person": person,
        "side": side,
        "offered": side == "sales" and waits,
        "says": stage.says if stage else "",
        "end": bool(stage and stage.end),
        "late": row["due_at"] is not None and row["due_at"] <= clock.now(),
        "taken_out": last["taken_out"],
        "allows": last["allows"],
    }


def _facts(workspace: Workspace, charter: Charter, row: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a lead as of now; those of its score as of when it was last looked at."""
    now = clock.microseconds(clock.now())
    columns = {"row": [0], "lead": [row["lead"]], "person": [row["person"]], "instant": [now]}
    pairs = pa.table({**columns, "begin": pa.array([None], pa.string())})
    known, lead = clusters(workspace), np.array([row["lead"]], np.int64)
    members = members_of(known, lead, np.flatnonzero(known.person == row["person"]))
    [found] = facts_of(workspace, charter, pairs, members, scores=SCORES.empty_table()).to_pylist()
    return {name: value for name, value in found.items() if name in charter.facts} | {
        name: row[name] for name in _OF_ROW
    }


def _ways(charter: Charter, stage: str, known: dict[str, Any]) -> list[Way]:
    rules = [(name, charter.transitions[name]) for name in charter.leaving(stage)]
    return [Way(name, rule.to, sentence(rule.when), holds(rule.when, known)) for name, rule in rules]


def _clock(charter: Charter, row: dict[str, Any]) -> Clock | None:
    stage = charter.stages.get(row["stage"])
    if stage is None or row["clock"] not in stage.clocks or row["due_at"] is None:
        return None
    rules = stage.clocks[row["clock"]]
    other = rules.otherwise
    happens = f"it comes to '{other.to}'" if other.to else f"{other.tell} is told"
    must = sentence(rules.must) if rules.must else ""
    return Clock(row["clock"], must, str(rules.within), row["due_at"], row["late"], happens)


def _phrases(charter: Charter, known: dict[str, Any], asked: list[Condition | None]) -> list[str]:
    facts: dict[str, Fact] = {}
    for condition in asked:
        facts |= condition.facts if condition else {}
    return [fact.phrase(_rounded(known.get(name))) for name, fact in facts.items()]


def _rounded(value: Any) -> Any:
    return value.quantize(Decimal("0.1")) if isinstance(value, Decimal) else value


def _may(charter: Charter, row: dict[str, Any]) -> tuple[str, ...]:
    """Return what can be done with a lead as it stands; the roles that may do it are the pages' to ask."""
    if row["ceded_to"] is not None:
        return ()
    acts = ["done"]
    if row["offered"]:
        acts.append("accept")
    if row["side"] == "sales" and not row["end"]:
        acts += [] if row["returned"] else ["return"]
        acts += [] if row["offered"] or row["returned"] else ["deal"]
    if len(set(_team(charter, row["team"]))) > 1:
        acts.append("give")
    return (*acts, "restrict")


def _team(charter: Charter, team: str) -> list[str]:
    return becomes(charter, team) if team in charter.teams else []
