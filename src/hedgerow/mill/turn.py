"""One turn of the mill: what is new in the ledger goes through the rooms, in order."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import sqlalchemy as sa

from hedgerow import people
from hedgerow.collect import Messages
from hedgerow.journeys import mark, residues, rules_of_marks
from hedgerow.leads import decide_leads, fold_changes, fold_charters, fold_traits, rules_of_traits
from hedgerow.ledger import (
    OWN,
    Workspace,
    Writer,
    ask_to_forget,
    begin_erasing,
    erasures,
    move,
    returned,
    settle_owed,
    writing,
)
from hedgerow.ledger.intake.writer import advance
from hedgerow.ledger.record import CURSORS, TURNS
from hedgerow.people.accounts import stating as account_folding
from hedgerow.score import give, rules_of_points

TOGETHER = 1_000_000
"""Touches that go through a step together, about."""


@dataclass(frozen=True)
class Step:
    """A room's part of a turn: it takes the ledger's turns behind a number, up to another, into what it keeps."""

    name: str
    says: str
    take: Callable[[Workspace, int, int], None]
    tables: tuple[str, ...]
    rules: Callable[[Workspace], str]
    """What the step's conclusions rest on beside the ledger; where that changes, all of history is taken anew."""


STEPS = (
    Step("people", "who is this", people.fold, people.TABLE_NAMES, lambda _: people.RULES_VERSION),
    Step(
        "accounts",
        "whose company are they of",
        account_folding.fold,
        account_folding.TABLE_NAMES,
        account_folding.rules,
    ),
    Step("journeys", "by which channel, and was it a person", mark, ("marks",), rules_of_marks),
    Step("score", "what is it worth", give, ("points", "clicks", "statements"), rules_of_points),
    Step("traits", "what is said of them", fold_traits, ("traits",), rules_of_traits),
    Step("charters", "by which rules", fold_charters, ("charters",), lambda _: "1"),
    Step("changes", "what was decided of each lead", fold_changes, ("changes",), lambda _: "1"),
)

_ROUNDS = 50
"""Rounds of decisions in a turn at the most; what is left then waits for the next turn."""


def turn(workspace: Workspace, wait: float = 10.0) -> int:
    """Move what waits in the inbox to the lake and take all that is new through the rooms.

    Then the charter in force decides, of whom something is new and whose time has come; its decisions are touches
    and go the same way, until it has nothing more to say. Returns how many touches came from the inbox, decisions
    aside. Raises `HedgerowError` where another process turns the mill.
    """
    with writing(workspace, wait) as writer:
        moved = _take(workspace, writer)
        for _ in range(_ROUNDS):
            if not decide_leads(workspace, workspace.inbox.accept):
                break
            _take(workspace, writer)
        forgetting = _forget(writer)
    # The next writer goes on with what was begun, and the rooms then derive from the ledger what is left in it.
    return moved + turn(workspace, wait) if forgetting else moved


def _take(workspace: Workspace, writer: Writer) -> int:
    with closing(Messages(workspace)) as messages:
        moved = move(writer, messages.readers)
    for step in STEPS:
        _renew(workspace, step)
        for after, upto in list(_stretches(workspace, step.name)):
            step.take(workspace, after, upto)
            with workspace.record.begin() as connection:
                advance(connection, step.name, upto)
    return moved


def _forget(writer: Writer) -> bool:
    """Begin to forget whom it was asked for, and whoever is back though erased; return whether there is anybody."""
    workspace = writer.workspace
    asked = {each.number: people.known_as(workspace, each.identifiers) for each in erasures(workspace, "asked")}
    if back := returned(workspace):
        asked[ask_to_forget(workspace, back, OWN, "erased before and back with an older ledger")] = back
    if asked:
        everyone = sorted({each for identifiers in asked.values() for each in identifiers})
        begin_erasing(writer, asked, residues(workspace, everyone))
    settle_owed(workspace)
    return bool(asked)


def rebuild(workspace: Workspace) -> None:
    """Forget what the rooms derived from the ledger and make it again; nothing is sent, and nobody matched anew."""
    with workspace.held():
        matched = people.PROPOSALS.name in workspace.derived.names()
        for step in STEPS:
            with workspace.record.begin() as connection:
                advance(connection, step.name, 0)
        workspace.derived.forget()
        shutil.rmtree(workspace.folder / "cache", ignore_errors=True)
    turn(workspace)
    if matched:
        people.keep_proposals(workspace)


def _renew(workspace: Workspace, step: Step) -> None:
    """Forget what a step concluded by other rules than those of today, so that it begins again."""
    kept, today = workspace.folder / "derived" / f"{step.name}.rules", step.rules(workspace)
    if kept.exists() and kept.read_text("utf-8") == today:
        return
    with workspace.record.begin() as connection:
        advance(connection, step.name, 0)
    workspace.derived.forget(*step.tables)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(today, "utf-8")


def _stretches(workspace: Workspace, step: str) -> Iterator[tuple[int, int]]:
    """Yield the turns a step has not seen, as (after, upto), each about `TOGETHER` touches at the most."""
    with workspace.record.connect() as connection:
        after = connection.scalar(sa.select(CURSORS.c.turn).where(CURSORS.c.step == step)) or 0
        done = sa.select(TURNS.c.number, TURNS.c.outcome).where(TURNS.c.number > after, TURNS.c.state == "done")
        turns = connection.execute(done.order_by(TURNS.c.number)).all()
    touches = 0
    for place, (number, outcome) in enumerate(turns):
        touches += json.loads(outcome)["kept"]
        if touches >= TOGETHER or place == len(turns) - 1:
            yield after, number
            after, touches = number, 0
