"""A replay: the same charter hands over the same leads, another one others."""

from datetime import timedelta

import pytest

from hedgerow import leads
from hedgerow.charter import read_charter
from hedgerow.ledger import Workspace
from tests.leads.market import CHARTER, MONDAY, Market

pytestmark = pytest.mark.slow

ANN, BOB, CAT = (f"email:{name}@acme.example" for name in ("ann", "bob", "cat"))
HOUR = timedelta(hours=1)


def _lived(workspace: Workspace) -> Market:
    market = Market(workspace)
    market.wait(minutes=30).asks(ANN).turn(minutes=30)
    with market.clock():
        leads.accept(workspace, ANN, "user:felix")
    market.turn(minutes=30).wait(minutes=30).does(CAT, "view", properties='{"role": "Chief of all"}')
    market.turn(minutes=30).wait(minutes=30).does(BOB, "submit", object="newsletter")
    return market.turn(minutes=30).wait(minutes=45).asks(BOB).turn(minutes=45)


def test_the_charter_in_force_hands_over_what_was_handed_over(workspace: Workspace) -> None:
    market = _lived(workspace)
    with market.clock():
        rows = leads.replay(workspace, read_charter(CHARTER), MONDAY, HOUR).to_pylist()
    found = {row["identifier"]: (row["was_handed_at"], row["was_stage"]) for row in rows}
    assert {name: stage for name, (_, stage) in found.items()} == {ANN: "working", BOB: "passed"}
    assert {row["identifier"]: (row["would_be_handed_at"], row["would_be_stage"]) for row in rows} == found


def test_another_charter_hands_over_others(workspace: Workspace) -> None:
    market = _lived(workspace)
    asked = "(score >= 60 and days_since_last_touch <= 14) or asked_for_contact\n    before: heard"
    other = CHARTER.replace(asked, "role like '%Chief%'\n    before: heard")
    assert other != CHARTER
    with market.clock():
        rows = leads.replay(workspace, read_charter(other), MONDAY, HOUR).to_pylist()
    found = {row["identifier"]: (row["was_handed_at"], row["would_be_handed_at"]) for row in rows}
    assert set(found) == {ANN, BOB, CAT}
    assert found[CAT][0] is None
    assert found[CAT][1] == MONDAY + 2 * HOUR
    assert found[ANN][1] is None


def test_a_replay_changes_nothing(workspace: Workspace) -> None:
    market = _lived(workspace)
    before = market.derived()
    with market.clock():
        leads.replay(workspace, read_charter(CHARTER), MONDAY, HOUR)
    assert market.turn().derived() == before
