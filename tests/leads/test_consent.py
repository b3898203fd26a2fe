"""Consent: what people refused keeps their lead out of every audience, whatever became of who they are."""

from datetime import timedelta
from typing import Any

import pytest

from hedgerow import leads, people
from hedgerow.ledger import Workspace
from tests.leads.market import Market

ANN, BOB = "email:ann@acme.example", "email:bob@acme.example"


@pytest.fixture
def market(workspace: Workspace) -> Market:
    made = Market(workspace)
    return made.does(ANN, "submit", object="newsletter").does(BOB, "submit", object="newsletter").turn(minutes=1)


def _inside(market: Market) -> list[str]:
    with market.clock():
        found: list[str] = leads.audience(market.workspace, "newsletter").members["identifier"].to_pylist()
    return found


def _said(market: Market, plan: people.Plan) -> None:
    with market.clock():
        people.write(market.workspace, plan.touches)
    market.turn(minutes=1)


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("withdraw", {"object": "mail"}),
        ("unsubscribe", {"object": "welcome"}),
        ("block", {}),
        ("track", {"properties": '{"consent": "no"}'}),
    ],
)
def test_whoever_says_no_in_any_way_is_in_no_audience(market: Market, verb: str, said: dict[str, Any]) -> None:
    market.does(BOB, verb, **said).turn(minutes=1)
    assert _inside(market) == [ANN]


def test_whoever_agrees_is_in_until_they_take_it_back(market: Market) -> None:
    cat = "email:cat@acme.example"
    market.does(cat, "consent", object="mail").turn(minutes=1)
    assert _inside(market) == [ANN, BOB, cat]
    market.does(cat, "withdraw", object="phone").turn(minutes=1)
    assert _inside(market) == [ANN, BOB, cat], "another purpose"
    market.does(cat, "withdraw", object="mail").turn(minutes=1)
    assert _inside(market) == [ANN, BOB]


def test_a_yes_said_later_by_another_address_takes_back_no_refusal(market: Market) -> None:
    market.does(ANN, "unsubscribe").turn(minutes=1)
    with market.clock():
        merge = people.plan_merge(market.workspace, ANN, BOB, "user:imani", "one person")
    _said(market, merge)
    market.does(BOB, "submit", object="newsletter").turn(hours=1)
    assert _inside(market) == []
    market.does(ANN, "submit", object="newsletter").turn(hours=1)
    assert len(_inside(market)) == 1, "who refused agreed again"


def test_both_sides_of_a_split_stay_out(market: Market) -> None:
    with market.clock():
        merge = people.plan_merge(market.workspace, ANN, BOB, "user:imani", "one person")
    _said(market, merge)
    market.does(ANN, "unsubscribe").turn(minutes=1)
    with market.clock():
        split = people.plan_split(market.workspace, [BOB], "user:imani", "two people")
    _said(market, split)
    assert _inside(market) == []
    live = market.derived()
    assert market.rebuilt() == live


def test_what_was_refused_later_is_not_known_before(market: Market) -> None:
    market.does(BOB, "unsubscribe", ago=timedelta(hours=-2)).turn(hours=1)
    assert _inside(market) == [ANN, BOB]
    assert _inside(market.turn(hours=2)) == [ANN]
