"""The one function that changes a lead, whoever asks: it writes a touch, and only the mill applies it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hedgerow.charter import Charter
from hedgerow.kit import HedgerowError
from hedgerow.leads.state import VERBS
from hedgerow.ledger import OWN, Touch

Write = Callable[[Sequence[Touch]], None]
"""Writes touches down; returns when they are durable."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What stands after a change: the columns of `DECIDED`, instants in microseconds since 1970."""

    step: int = 0
    stage: str
    entered_at: int
    team: str
    owner: str
    owners: dict[str, str] = {}
    route: str | None = None
    accepted: bool = False
    returned: bool = False
    reason: str | None = None
    wake_at: int | None = None
    told: tuple[str, ...] = ()
    taken_out: bool = False
    allows: bool | None = None
    rule: str = ""
    by: str = ""
    warm: bool = False
    facts: dict[str, Any] = {}


class Change(msgspec.Struct, frozen=True):
    """A change of a lead (an identifier), by its verb, at an instant; `into` is the lead it gives way to."""

    lead: str
    verb: str
    at: int
    then: State
    into: str | None = None


def change(charter: Charter, changes: Iterable[Change], write: Write) -> int:
    """Write these changes of leads down, each a touch, and return how many.

    Of two changes of one lead that rest on the same state the ledger keeps the first: both are its next step.
    Raises `HedgerowError` for a change after which a lead would not have exactly one owner of a team of the
    charter, in a stage of it.
    """
    touches = [_touch(_checked(charter, each)) for each in changes]
    write(touches)
    return len(touches)


def instant(at: int) -> datetime:
    """Return the instant so many microseconds after 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=at)


def owned(state: State, team: str, owner: str, route: str | None = None) -> State:
    """Return a state with another owner, who is remembered as the one who had the lead last in the team."""
    owners = {**state.owners, team: owner}
    return msgspec.structs.replace(state, team=team, owner=owner, owners=owners, route=route)


def entered(state: State, stage: str, at: int) -> State:
    """Return a state in another stage, where everything of the stay starts again; who was sent back sleeps on."""
    wake_at = state.wake_at if state.returned else None
    answers: dict[str, Any] = {"accepted": False, "returned": False, "reason": None, "warm": False}
    return msgspec.structs.replace(state, stage=stage, entered_at=at, told=(), wake_at=wake_at, **answers)


def becomes(charter: Charter, team: str) -> list[str]:
    """Return who may own a lead of a team: its people, and its lead."""
    return [*charter.teams[team].people, charter.teams[team].lead]


def _checked(charter: Charter, each: Change) -> Change:
    then = each.then
    if each.verb not in VERBS:
        raise HedgerowError(f"No change of a lead is called '{each.verb}': use one of {', '.join(VERBS)}.")
    if each.verb == "cede":  # It is left as it was, whatever the charter has become since.
        return each
    if then.stage not in charter.stages:
        raise HedgerowError(f"The charter has no stage '{then.stage}': use one of {', '.join(charter.stages)}.")
    if then.team not in charter.teams:
        raise HedgerowError(f"The charter has no team '{then.team}': use one of {', '.join(charter.teams)}.")
    if then.owner not in becomes(charter, then.team):
        people = ", ".join(dict.fromkeys(becomes(charter, then.team)))
        raise HedgerowError(f"'{then.owner}' is not in the team {then.team}: name one of {people}.")
    return each


def _touch(each: Change) -> Touch:
    return Touch(
        occurred_at=instant(each.at),
        source=OWN,
        verb=each.verb,
        actor=each.lead,
        object=each.into,
        sender_id=f"{each.lead}#{each.then.step}",
        properties=msgspec.json.encode(each.then).decode(),
    )
