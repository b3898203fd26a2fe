"""Commands: what a named person may do with a lead: the one function's changes, and touches; the mill applies them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from hedgerow.charter import Charter, Condition
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.change import Change, State, change, owned
from hedgerow.leads.force import charter_of
from hedgerow.leads.moving.rules import state_of
from hedgerow.leads.state import latest_at, states
from hedgerow.ledger import OWN, Touch, Workspace
from hedgerow.people import clusters

Then = Callable[[Charter, State], State]


def accept(workspace: Workspace, lead: str, by: str) -> None:
    """Take on a lead that was handed over; raises `HedgerowError` where that is not to be answered any more."""

    def then(charter: Charter, state: State) -> State:
        _with_sales(charter, lead, state)
        _unanswered(charter, lead, state)
        return replace(state, accepted=True)

    _change(workspace, lead, "take", by, then)


def send_back(workspace: Workspace, lead: str, reason: str, by: str, wake_at: datetime | None = None) -> None:
    """Send a lead back with a reason, before or after it was taken on, to sleep until `wake_at` where that is given.

    The charter says where it goes; when it wakes it comes back to the same owner. Raises `HedgerowError` without a
    reason, for a day that is past, and for a lead that was sent back already.
    """
    if not reason.strip():
        raise HedgerowError("A lead is not sent back without a reason: say why.")
    if wake_at is not None and wake_at <= clock.now():
        raise HedgerowError(f"{wake_at:%Y-%m-%d} is past: name a day to come.")

    def then(charter: Charter, state: State) -> State:
        _with_sales(charter, lead, state)
        if state.returned:
            raise HedgerowError(f"{lead} was sent back already ({state.reason}): wait for the charter to place it.")
        wakes = clock.microseconds(wake_at) if wake_at else None
        return replace(state, returned=True, reason=reason.strip(), wake_at=wakes)

    _change(workspace, lead, "return", by, then)


def give(workspace: Workspace, lead: str, owner: str, by: str) -> None:
    """Give a lead to somebody else of the team that has it; raises `HedgerowError` for anybody else."""
    _change(workspace, lead, "assign", by, lambda _, state: owned(state, state.team, owner))


def restrict(
    workspace: Workspace, lead: str, by: str, taken_out: bool | None = None, allows: bool | None = None
) -> None:
    """Say for sales what marketing may do: take a lead out of its audiences (or let it in), open or close it.

    What is None stays as it was.
    """

    def then(_: Charter, state: State) -> State:
        out = state.taken_out if taken_out is None else taken_out
        return replace(state, taken_out=out, allows=state.allows if allows is None else allows)

    _change(workspace, lead, "restrict", by, then)


def write_down(workspace: Workspace, lead: str, verb: str, text: str, by: str) -> None:
    """Write down what was done with a lead: `verb` is one of `DONE`.

    Raises `HedgerowError` for another verb, for a note without a text, and where nobody is a lead by the identifier.
    """
    if verb not in DONE:
        raise HedgerowError(f"Nothing that was done is called '{verb}': use one of {', '.join(DONE)}.")
    if verb == "note" and not text.strip():
        raise HedgerowError("The note is empty: write it.")
    identifier = identifier_of(workspace, find_lead(workspace, lead))
    said = msgspec.json.encode({"by": by}).decode()
    done = Touch(
        occurred_at=clock.now(), source=OWN, verb=verb, actor=identifier, text=text.strip() or None, properties=said
    )
    workspace.inbox.accept([done])


DONE = {"call": "called them", "meet": "met them", "send": "wrote to them", "note": "a note"}
"""What can be written down as done with a lead: verbs of touches."""


def with_sales(workspace: Workspace, lead: str) -> dict[str, Any]:
    """Return the latest change of a lead that sales has; raises `HedgerowError` for one that marketing has."""
    charter, code = charter_of(workspace), find_lead(workspace, lead)
    row = _standing(workspace, lead)[0]
    state = state_of(row)
    assert state is not None
    _with_sales(charter, lead, state)
    return {**row, "lead": code}


def answered(charter: Charter) -> list[str]:
    """Return the stages in which the charter asks whether a lead is taken on."""
    asking: dict[str, list[Condition | None]] = {
        name: [clock.must for clock in stage.clocks.values()]
        + [charter.transitions[rule].when for rule in charter.leaving(name)]
        for name, stage in charter.stages.items()
    }
    return [name for name, asked in asking.items() if any(each and "accepted" in each.facts for each in asked)]


def find_lead(workspace: Workspace, lead: str) -> int:
    """Return the code under which the lead of an identifier's person stands; raises `HedgerowError` for none."""
    rows = _standing(workspace, lead)
    if not rows:
        raise HedgerowError(
            f"Nobody is a lead as '{lead}': write one of their identifiers, such as email:ann@example.org."
        )
    return int(rows[0]["lead"])


def _standing(workspace: Workspace, lead: str) -> list[dict[str, Any]]:
    """Return the latest changes of the leads that stand for the person of an identifier: one, while none was split."""
    if "changes" not in workspace.derived.names():
        return []
    named = pa.table({"identifier": [lead]})
    codes = workspace.engine.sql(
        "SELECT code FROM identifiers WHERE kind || ':' || value IN (SELECT identifier FROM named)", named=named
    )["code"].to_pylist()
    person = clusters(workspace).person
    if not codes:
        return []
    rows = states(workspace, np.flatnonzero(person == person[codes[0]])).to_pylist()
    return [row for row in rows if row["ceded_to"] is None or person[row["ceded_to"]] != person[row["lead"]]]


def _change(workspace: Workspace, lead: str, verb: str, by: str, then: Then) -> None:
    charter = charter_of(workspace)
    code = find_lead(workspace, lead)
    state = state_of(_standing(workspace, lead)[0])
    assert state is not None
    made = replace(then(charter, state), step=state.step + 1, rule="", by=by, route=None, facts={})
    made_at = max(clock.microseconds(clock.now()), latest_at(workspace))
    changes = [Change(identifier_of(workspace, code), verb, made_at, made)]
    change(charter, changes, lambda touches: workspace.inbox.accept(touches))


def identifier_of(workspace: Workspace, code: int) -> str:
    """Return the identifier of a code."""
    rows = workspace.engine.sql(f"SELECT kind || ':' || value AS identifier FROM identifiers WHERE code = {code}")
    return str(rows["identifier"][0].as_py())


def _with_sales(charter: Charter, lead: str, state: State) -> None:
    if state.team in charter.teams and charter.teams[state.team].side != "sales":
        raise HedgerowError(f"{lead} is with {state.team}, in '{state.stage}': answer for leads that sales has.")


def _unanswered(charter: Charter, lead: str, state: State) -> None:
    if state.stage not in answered(charter):
        raise HedgerowError(f"{lead} is in '{state.stage}', where it is not offered to anybody: look at it again.")
    if state.accepted or state.returned:
        done = "taken on" if state.accepted else f"sent back ({state.reason})"
        raise HedgerowError(f"{lead} was {done} already: look at it with `hedgerow leads show`.")
