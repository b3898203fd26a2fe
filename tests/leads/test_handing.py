"""Handing over: what the village's charter does to a lead from its first touch on, and what people answer."""

from datetime import timedelta

import pytest

from hedgerow import leads
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace
from tests.leads.market import CHARTER, Market

pytestmark = pytest.mark.slow

ANN, BOB = "email:ann@acme.example", "email:bob@acme.example"


@pytest.fixture
def market(workspace: Workspace) -> Market:
    return Market(workspace)


def act(market: Market, what: str, lead: str, **more: object) -> Market:
    with market.clock():
        getattr(leads, what)(market.workspace, lead, by="user:felix", **more)
    return market


def test_a_person_becomes_a_lead_at_their_first_touch(market: Market) -> None:
    market.does(ANN, "view", ago=timedelta(hours=2)).turn()
    lead = market.lead(ANN)
    assert (lead["stage"], lead["team"], lead["owner"]) == ("known", "marketing", "imani@copperkettle.example")
    assert lead["entered_at"] == market.now - timedelta(hours=2, microseconds=1)


def test_a_device_that_nobody_named_is_no_lead(market: Market) -> None:
    market.does("anonymous:1", "view").turn()
    assert market.derived()["leads"] == []


def test_a_wish_for_contact_passes_a_lead_to_sales_with_the_facts_that_made_it(market: Market) -> None:
    market.asks(ANN).turn(minutes=1)
    assert market.stages(ANN) == [("known", "begin"), ("passed", "qualified")]
    made = market.history(ANN)[-1]
    assert made["by"] == "charter 1"
    assert '"asked_for_contact":true' in made["facts"]
    assert made["warm"]


def test_sales_takes_turns(market: Market) -> None:
    for number in range(4):
        market.asks(f"email:{number}@acme.example").turn(minutes=1)
    owners = [market.lead(f"email:{number}@acme.example")["owner"] for number in range(4)]
    assert owners == ["felix@copperkettle.example", "nora@copperkettle.example"] * 2


def test_whoever_takes_a_lead_on_is_called_to_talk_to_it(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "accept", ANN).turn(minutes=1)
    assert market.stages(ANN)[-1] == ("working", "taken")


def test_a_lead_that_is_sent_back_goes_to_marketing_with_the_reason(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "send_back", ANN, reason="a student").turn(minutes=1)
    assert market.stages(ANN)[-1] == ("recycled", "refused")
    assert [row["reason"] for row in market.history(ANN) if row["verb"] == "return"] == ["a student"]
    assert market.lead(ANN)["owner"] == "imani@copperkettle.example"


def test_a_lead_nobody_answers_for_comes_back_when_the_clock_runs_out(market: Market) -> None:
    market.asks(ANN).turn(minutes=1)
    due_at = market.lead(ANN)["due_at"]
    assert market.lead(ANN)["clock"] == "answer"
    market.now = due_at - timedelta(seconds=1)
    assert market.turn().stages(ANN)[-1][0] == "passed"
    assert market.turn(seconds=1).stages(ANN)[-1] == ("recycled", "answer")


def test_a_missed_clock_that_tells_is_told_of_once(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "accept", ANN).turn(minutes=1)
    for _ in range(4):
        market.turn(days=1)
    told = [row for row in market.history(ANN) if row["verb"] == "escalate"]
    assert [(row["rule"], row["told"]) for row in told] == [("first_call", ["first_call"])]


def test_a_clock_met_too_late_while_nobody_looked_is_told_of_all_the_same(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "accept", ANN).turn(minutes=1)
    market.wait(days=5).does(ANN, "call").turn(minutes=1)
    assert [row["rule"] for row in market.history(ANN) if row["verb"] == "escalate"] == ["first_call"]


def test_a_clock_met_in_time_while_nobody_looked_is_not_told_of(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "accept", ANN).turn(minutes=1)
    market.wait(days=5).does(ANN, "call", ago=timedelta(days=4)).turn(minutes=1)
    assert [row["rule"] for row in market.history(ANN) if row["verb"] == "escalate"] == []


def test_a_lead_that_sleeps_wakes_with_the_same_owner(market: Market) -> None:
    market.asks(BOB).turn(minutes=1).asks(ANN).turn(minutes=1)
    owner = market.lead(ANN)["owner"]
    wakes = market.now + timedelta(days=9)
    act(market, "send_back", ANN, reason="in spring", wake_at=wakes).turn(minutes=1)
    assert market.lead(ANN)["wake_at"] == wakes
    assert market.turn(days=8).lead(ANN)["stage"] == "recycled"
    assert market.turn(days=1).stages(ANN)[-1] == ("passed", "wake")
    assert market.lead(ANN)["owner"] == owner == "nora@copperkettle.example"
    assert market.lead(ANN)["wake_at"] is None


def test_the_first_of_two_answers_counts_and_the_second_is_shown_as_a_fault(market: Market) -> None:
    market.asks(ANN).turn(minutes=1)
    act(market, "accept", ANN)
    act(market, "send_back", ANN, reason="too small")
    market.turn(minutes=1)
    assert market.stages(ANN)[-1] == ("working", "taken")


def test_answers_that_make_no_sense_are_refused(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "accept", ANN).turn()
    with pytest.raises(HedgerowError, match="Nobody is a lead as 'email:eve@"):
        act(market, "accept", "email:eve@acme.example")
    with pytest.raises(HedgerowError, match="answer for leads that sales has"):
        act(market.does(BOB, "view").turn(minutes=1), "accept", BOB)
    with pytest.raises(HedgerowError, match="say why"):
        act(market, "send_back", ANN, reason=" ")
    with pytest.raises(HedgerowError, match="name a day to come"):
        act(market, "send_back", ANN, reason="later", wake_at=market.now)
    with pytest.raises(HedgerowError, match="not in the team sales"):
        act(market, "give", ANN, owner="eve@copperkettle.example")


def test_a_lead_is_given_to_somebody_else_of_its_team(market: Market) -> None:
    act(market.asks(ANN).turn(minutes=1), "give", ANN, owner="nora@copperkettle.example").turn(minutes=1)
    assert market.lead(ANN)["owner"] == "nora@copperkettle.example"
    assert market.history(ANN)[-1]["by"] == "user:felix"


def test_two_leads_of_one_person_become_one_and_the_other_owner_is_told(market: Market) -> None:
    market.asks(ANN).turn(minutes=1).asks(BOB).turn(minutes=1)
    market.does(BOB, "identify", claims=(ANN,)).turn(minutes=1)
    assert market.lead(BOB)["identifier"] == ANN
    rows = market.derived()["leads"]
    assert [row["ceded_to"] is None for row in rows] == [True, False]
    notes = market.workspace.engine.sql("SELECT actor, title FROM touches WHERE verb = 'note'").to_pylist()
    assert notes == [{"actor": ANN, "title": f"For nora@copperkettle.example: {BOB} is the same person as {ANN}"}]


def test_a_lead_of_sales_stands_before_one_of_marketing(market: Market) -> None:
    market.does(ANN, "view").turn(minutes=1).asks(BOB).turn(minutes=1)
    market.does(BOB, "identify", claims=(ANN,)).turn(minutes=1)
    assert (market.lead(ANN)["identifier"], market.lead(ANN)["stage"]) == (BOB, "passed")


def test_a_new_charter_without_a_stage_brings_its_leads_to_the_first(market: Market) -> None:
    market.asks(ANN).turn(minutes=1)
    with market.clock():
        leads.sign(market.workspace, CHARTER.replace("passed", "offered").replace("version: 1", "version: 2"), "user:i")
    market.turn(minutes=1)
    assert [stage for stage, _ in market.stages(ANN)][:3] == ["known", "passed", "known"]
    moved = next(row for row in market.history(ANN) if row["rule"] == "charter")
    assert moved["by"] == "charter 2"


def test_without_a_charter_there_are_no_leads(workspace: Workspace) -> None:
    assert leads.decide_leads(workspace, lambda _: None) == 0
    with pytest.raises(HedgerowError, match="No charter is in force"):
        leads.accept(workspace, ANN, "user:felix")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  - {side: sales, name: Felix, on: 2026-01-12}\n", "", "waits for sales"),
        ("days_in_stage >= 30 and score", "score", "breaks the law"),
    ],
)
def test_a_charter_that_may_not_come_into_force_is_refused(workspace: Workspace, old: str, new: str, said: str) -> None:
    with pytest.raises(HedgerowError, match=said):
        leads.sign(workspace, CHARTER.replace(old, new), "user:imani")
    assert leads.in_force(workspace) is None
