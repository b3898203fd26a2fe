"""By hand: what somebody set on a person's page is what charter and score ask of them, until it is taken back."""

from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow import leads, people
from hedgerow.kit import clock
from hedgerow.leads.force import in_force
from hedgerow.leads.knowing import facts_of
from hedgerow.ledger import Workspace
from hedgerow.score.known import known_of
from tests.leads.market import Market

ANN = "email:ann@acme.example"


def _facts(market: Market, code: int, person: int) -> dict[str, Any]:
    at = clock.microseconds(clock.now())
    columns = {"row": [0], "lead": [code], "person": [person], "instant": [at], "begin": pa.array([None], pa.string())}
    mine = np.flatnonzero(people.clusters(market.workspace).person == person)
    force = in_force(market.workspace)
    assert force
    members = pa.table({"code": mine, "lead": np.full(len(mine), code)})
    return dict(facts_of(market.workspace, force.charter, pa.table(columns), members).to_pylist()[0])


def _known(market: Market) -> tuple[str | None, str | None]:
    """Return the role and the country that the score knows of Ann, once the story has said the same role."""
    with market.clock():
        code = leads.find_lead(market.workspace, ANN)
        person = int(people.clusters(market.workspace).person[code])
        row = known_of(market.workspace, clock.microseconds(clock.now()), pa.array([person])).to_pylist()[0]
        note = leads.introduction(market.workspace, ANN)
        asked = _facts(market, code, person)
    assert f"role: {row['role']}" in note.lower()
    assert (asked["role"].lower(), (asked["country"] or "").lower() or None) == (row["role"], row["country"])
    return row["role"], row["country"]


def test_what_is_set_by_hand_is_what_is_asked_until_it_is_taken_back(workspace: Workspace) -> None:
    market = Market(workspace)
    market.does(ANN, "identify", properties='{"role": "Clerk", "country": "DE"}').asks(ANN).turn(minutes=1)
    assert _known(market) == ("clerk", "de")
    person = int(people.clusters(workspace).person[leads.find_lead(workspace, ANN)])
    with market.wait(minutes=1).clock():
        people.edit(workspace, person, "role", "Head of IT", "user:imani")
        people.edit(workspace, person, "country", "", "user:imani")
    market.turn(minutes=1).does(ANN, "identify", properties='{"role": "Clerk"}').turn(minutes=1)
    assert _known(market) == ("head of it", None), "whatever a source says later, and emptied is emptied"
    live = market.derived()
    assert market.rebuilt() == live
    made = next(each for each in people.decisions(workspace) if each.properties.get("field") == "role")
    with market.wait(minutes=1).clock():
        people.write(workspace, people.plan_undo(workspace, made.touch_id, "user:imani", "a slip").touches)
    market.turn(minutes=1)
    assert _known(market) == ("clerk", None)
