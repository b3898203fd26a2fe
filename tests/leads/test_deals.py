"""Deals that are opened and closed by hand: they move the lead, survive a rebuild, and leave a CRM's alone."""

from pathlib import Path

import pytest

from hedgerow import leads
from hedgerow.collect import import_file, load_map
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, write_deals
from hedgerow.people import clusters
from tests.leads.market import Market

ANN, BOB = "email:ann@acme.example", "email:bob@acme.example"
FELIX = "user:felix@copperkettle.example"


@pytest.fixture
def market(workspace: Workspace) -> Market:
    """Ann asked for a demo and was taken on; Bob is marketing's."""
    made = Market(workspace)
    made.does(ANN, "view", account="domain:acme.example").does(BOB, "view").asks(ANN).turn(minutes=1)
    with made.clock():
        leads.accept(workspace, ANN, FELIX)
    return made.turn(minutes=1)


def _deals(market: Market) -> list[dict[str, object]]:
    lead = leads.find_lead(market.workspace, ANN)
    return leads.deals_of(market.workspace, int(clusters(market.workspace).person[lead]))


def test_a_deal_moves_its_lead_and_a_lost_one_gives_it_back_the_same_after_a_rebuild(market: Market) -> None:
    with market.clock():
        leads.open_deal(market.workspace, ANN, " Forty seats ", 1_250_000, FELIX, "felix@copperkettle.example")
    assert market.turn(minutes=1).lead(ANN)["stage"] == "opportunity"
    [deal] = _deals(market)
    assert (deal["name"], deal["amount"], deal["currency"], deal["account"]) == (
        "Forty seats", 1_250_000, "EUR", "domain:acme.example",
    )  # fmt: skip
    market.wait(days=2)
    with market.clock():
        leads.close_deal(market.workspace, ANN, str(deal["row_id"]), False, FELIX)
    assert market.turn(minutes=1).lead(ANN)["stage"] == "recycled"
    assert [(each["won"], each["stage"]) for each in _deals(market)] == [(False, "Closed lost")]
    live = market.derived()
    assert market.rebuilt() == live


def test_a_deal_of_a_crm_is_closed_there_and_a_closed_one_not_again(market: Market, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(f"id,stage,person\n1,Talking,{ANN}\n", "utf-8")
    written = '[[deal]]\nid = "id"\nstage = "stage"\npeople = ["person"]\n'
    (tmp_path / "deals.toml").write_text(f'source = "crm"\nsays = "Deals."\n{written}', "utf-8")
    with market.clock():
        import_file(market.workspace, "deal", file, load_map(tmp_path / "deals.toml"))
        leads.open_deal(market.workspace, ANN, "Ours", None, FELIX, "felix@copperkettle.example")
    market.turn(minutes=1)
    theirs, ours = (str(each["row_id"]) for each in sorted(_deals(market), key=lambda each: bool(each["own"])))
    with market.wait(minutes=1).clock():
        with pytest.raises(HedgerowError, match="The deal is kept in crm: close it there"):
            leads.close_deal(market.workspace, ANN, theirs, True, FELIX)
        leads.close_deal(market.workspace, ANN, ours, True, FELIX)
        with pytest.raises(HedgerowError, match="is not open with this lead any more"):
            leads.close_deal(market.workspace, ANN, ours, False, FELIX)


def test_no_deal_is_opened_with_a_lead_marketing_has_nor_without_a_name(market: Market) -> None:
    for lead, name, amount, says in (
        (BOB, "Seats", None, "answer for leads that sales has"),
        (ANN, " ", None, "has no name"),
        (ANN, "Seats", -1, "worth nothing or more"),
        ("email:eve@acme.example", "Seats", None, "Nobody is a lead"),
    ):
        with market.clock(), pytest.raises(HedgerowError, match=says):
            leads.open_deal(market.workspace, lead, name, amount, FELIX, "felix@copperkettle.example")
    assert _deals(market) == []


def test_a_deal_that_cannot_be_kept_is_refused_and_nothing_of_it_stays(market: Market) -> None:
    with market.clock(), pytest.raises(HedgerowError, match="can't be kept, since one of its people is not kind:value"):
        write_deals(market.workspace, [{"id": "1", "stage": "Open", "people": ["ann"]}], FELIX)
    assert market.workspace.engine.sql("SELECT * FROM deals").num_rows == 0


def test_what_a_seller_did_stands_in_the_story_as_theirs_and_meets_the_clock(market: Market) -> None:
    assert market.lead(ANN)["clock"] == "first_call"
    with market.wait(minutes=1).clock():
        leads.write_down(market.workspace, ANN, "call", "Wants it in May", FELIX)
        leads.write_down(market.workspace, ANN, "note", "Ask for the budget", FELIX)
    market.turn(minutes=1)
    assert market.lead(ANN)["clock"] == "answered"
    with market.clock():
        lines = {line.text: line.part for line in leads.story(market.workspace, ANN)}
    assert lines["spoke by telephone, by felix@copperkettle.example: Wants it in May"] == "ours"
    assert not [text for text, part in lines.items() if part == "said"]
    with pytest.raises(HedgerowError, match="where it is not offered to anybody"):
        leads.accept(market.workspace, ANN, FELIX)


def test_after_a_page_that_failed_what_is_new_is_looked_for_again(market: Market) -> None:
    engine = market.workspace.engine
    with pytest.raises(HedgerowError), engine.still(), engine.still():
        raise HedgerowError("The page failed: ask again.")
    market.does(BOB, "announce").turn(minutes=1)
    assert engine.sql("SELECT * FROM touches WHERE verb = 'announce'").num_rows == 1
