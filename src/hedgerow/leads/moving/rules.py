"""Rules: the one change a lead needs next, by what the charter says of it; pure, so a replay decides alike."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from hedgerow.charter import Charter, Condition
from hedgerow.charter.rules import Stage
from hedgerow.kit.clock import microseconds
from hedgerow.leads.change import Change, State, becomes, entered, owned

Row = Mapping[str, Any]
Find = Callable[[State, str, str | None, str | None], tuple[str, str | None]]
"""Finds who of a team gets a lead, by its route and its language; and the route, where one was asked."""

WAKE, SPLIT, MERGE, RULES, BEGIN = "wake", "split", "merge", "charter", "begin"
"""Rules of the house: a date came, a person was parted or joined, the charter changed, there was a first touch."""


def next_change(charter: Charter, row: Row, said: Row, late: list[str], at: int, find: Find) -> Change | None:
    """Return the change a lead needs next, None where it stays as it is.

    `row` is of `facts_of`, `said` of `charter.DECIDED`, `late` the clocks met too late. Being told of a missed clock
    comes before whatever moves the lead, so that none is missed in silence.
    """
    state = state_of(row)
    if state is None or row["begin"] is not None:
        return _begun(charter, state, row, said, at, find)
    if row["ceded_to"] is not None:
        return _made(charter, row, "assign", at, replace(state, route=None), SPLIT)
    missed = [name for name in (*said["lapsed"], *late) if name not in state.told and _silent(charter, row, said, name)]
    if missed:
        facts = _facts(row, said, charter.stages[state.stage].clocks[missed[0]].must)
        then = replace(state, told=(*state.told, *missed), facts=facts, route=None)
        return _made(charter, row, "escalate", at, then, missed[0])
    if said["to"] is not None:
        return _moved(charter, state, row, said, at, find)
    if state.wake_at is not None and state.wake_at <= at and not state.returned:
        return _woken(charter, state, row, at, find)
    if said["owner"] != state.team or state.owner not in becomes(charter, state.team):
        owner, route = find(state, said["owner"], said["own_route"], row.get("language"))
        return _made(charter, row, "assign", at, owned(state, said["owner"], owner, route), RULES)
    return None


def ceded(charter: Charter, row: Row, into: str, at: int) -> Change:
    """Return the change by which a lead gives way to another of the same person."""
    state = state_of(row)
    assert state is not None
    made = _made(charter, row, "cede", at, replace(state, route=None), MERGE)
    return Change(made.lead, made.verb, made.at, made.then, into)


def state_of(row: Row) -> State | None:
    """Return the state that a row of `facts_of` or `CHANGES` holds; None where the lead has had no change yet."""
    if row["step"] is None:
        return None
    known = {name: row[name] for name in State.__struct_fields__ if name in row and name != "facts"}
    known |= {name: microseconds(known[name]) for name in ("entered_at", "wake_at") if known[name] is not None}
    told, owners = tuple(known["told"] or ()), msgspec.json.decode(known["owners"] or "{}")
    return State(**{**known, "told": told, "owners": owners, "warm": bool(known["warm"]), "facts": {}})


def rank(charter: Charter, row: Row) -> tuple[int, int, datetime, int]:
    """Return what decides which lead of a person stands, the least first: one that sales has before one that
    marketing has, then the furthest stage in the charter's order, then who came there first."""
    stages = list(charter.stages)
    place = stages.index(row["stage"]) if row["stage"] in stages else -1
    sales = row["team"] in charter.teams and charter.teams[row["team"]].side == "sales"
    return (0 if sales else 1, -place, row["entered_at"], row["lead"])


def _begun(charter: Charter, state: State | None, row: Row, said: Row, at: int, find: Find) -> Change:
    """Return how a lead comes to the first stage, at its first touch; or again, where its stage is no more."""
    stage, team = row["begin"], said["owner"]
    first = row["first_at"]
    begins = at if state else min(at, first - 1 if first is not None else at)
    begun = entered(state, stage, begins) if state else State(stage=stage, entered_at=begins, team=team, owner="")
    owner, route = find(begun, team, said["own_route"], row.get("language"))
    return _made(charter, row, "progress", at, owned(begun, team, owner, route), RULES if state else BEGIN)


def _silent(charter: Charter, row: Row, said: Row, clock: str) -> bool:
    """Return whether a clock that ran out would be passed over: all are told of but the one that moves the lead."""
    return charter.stages[row["stage"]].clocks[clock].otherwise.to is None or said["transition"] != clock


def _moved(charter: Charter, state: State, row: Row, said: Row, at: int, find: Find) -> Change:
    rule, to, team = said["transition"], said["to"], said["next_owner"]
    asked = _condition(charter.stages[state.stage], charter, rule)
    then = _handed(charter, state, to, team, at, find, (said["route"], row.get("language")))
    return _made(charter, row, "progress", at, replace(then, facts=_facts(row, said, asked)), rule)


def _woken(charter: Charter, state: State, row: Row, at: int, find: Find) -> Change:
    """Return how a lead that slept goes back to who sent it to sleep: by the way on from where it sleeps."""
    for name in charter.leaving(state.stage):
        to = charter.transitions[name].to
        team = next((o.team for o in charter.stages[to].owner if o.team in state.owners and o.team != state.team), None)
        if team:
            then = _handed(charter, state, to, team, at, find, (None, row.get("language")))
            return _made(charter, row, "progress", at, then, WAKE)
    return _made(charter, row, "escalate", at, replace(state, wake_at=None, route=None), WAKE)


def _handed(
    charter: Charter, state: State, to: str, team: str, at: int, find: Find, by: tuple[str | None, str | None]
) -> State:
    """Return a state in another stage with its owner there: who had it in the team last, or whom the route finds."""
    then = entered(state, to, at)
    if team == state.team and state.owner in becomes(charter, team):
        return replace(then, route=None)
    owner, route = find(state, team, *by)
    handed = charter.teams[team].side != _side(charter, state.team)
    return replace(owned(then, team, owner, route), warm=handed)


def _side(charter: Charter, team: str) -> str | None:
    return charter.teams[team].side if team in charter.teams else None


def _condition(stage: Stage, charter: Charter, rule: str) -> Condition | None:
    return stage.clocks[rule].must if rule in stage.clocks else charter.transitions[rule].when


def _facts(row: Row, said: Row, condition: Condition | None) -> dict[str, Any]:
    """Return the facts a condition asks for, as they were."""
    names = condition.facts if condition else {}
    found = {name: said[name] if name in ("grade", "segment") else row[name] for name in names}
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in found.items()}


def _made(charter: Charter, row: Row, verb: str, at: int, then: State, rule: str) -> Change:
    step = (row["step"] or 0) + 1
    return Change(row["identifier"], verb, at, replace(then, step=step, rule=rule, by=f"charter {charter.version}"))
