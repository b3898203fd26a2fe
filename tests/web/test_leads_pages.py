"""The pages of leads: found by what they are, and shown as a table and stage by stage."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from starlette.testclient import TestClient

from hedgerow.collect import imports, undo_import
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.web import create_app
from tests.leads.market import Market
from tests.web.conftest import SignedIn

ANN, BOB, CAT = (f"email:{name}@acme.example" for name in ("ann", "bob", "cat"))
HOSTILE = "<script>alert(1)</script>"


def _fill(workspace: Workspace) -> Market:
    """Ann asked for a demo and was passed to sales; Bob is known, Cat too, by a name that would be markup."""
    made = Market(workspace)
    made.does(BOB, "submit", object="newsletter", account="domain:acme.example", ago=timedelta(hours=1))
    made.does(CAT, "identify", properties=json.dumps({"name": f"Cat {HOSTILE}"}))
    for minutes in range(5):
        made.does(ANN, "view", title="Quiet nights", ago=timedelta(minutes=minutes))
    return made.asks(ANN).turn(minutes=1)


@pytest.fixture
def market(workspace: Workspace) -> Market:
    """A market of its own, to be changed."""
    return _fill(workspace)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market that is only read."""
    workspace = create_workspace(tmp_path_factory.mktemp("leads") / "workspace", "Test")
    yield _fill(workspace)
    workspace.close()


@pytest.fixture
def pages(reading: Market, signed_in: SignedIn) -> TestClient:
    return signed_in(create_app(reading.workspace), "viewer")


def _leads(page: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'<a href="/leads/\d+">([^<]*)</a>', page)]


def test_every_lead_is_listed_with_its_owner_what_is_due_and_the_next_step(pages: TestClient, reading: Market) -> None:
    with reading.clock():
        page = pages.get("/leads").text
    assert set(_leads(page)) == {"ann@acme.example", "bob@acme.example", f"Cat {HOSTILE}"}
    assert "&#39;answer&#39;: until it is accepted or it is sent back by its owner" in page
    assert 'title="felix@copperkettle.example">felix' in page
    assert "2026-03-03 08:01" in page and "late" not in page


def test_leads_are_found_by_stage_owner_grade_score_and_words(pages: TestClient, reading: Market) -> None:
    for asked, found in (
        ({"stage": "passed"}, ["ann@acme.example"]),
        ({"owner": "felix@copperkettle.example"}, ["ann@acme.example"]),
        ({"score": "30"}, ["ann@acme.example"]),
        ({"text": "BOB@"}, ["bob@acme.example"]),
        ({"text": "<script>"}, [f"Cat {HOSTILE}"]),
        ({"text": "acme.EX", "stage": "known"}, ["bob@acme.example", f"Cat {HOSTILE}"]),
        ({"grade": "A"}, []),
        ({"owner": "' OR true --"}, []),
        ({"text": "a' OR 'a'='a\0"}, []),
    ):
        for view in ("table", "board"):
            with reading.clock():
                page = pages.get("/leads", params=asked | {"view": view})
            assert page.status_code == 200, asked
            assert sorted(_leads(page.text)) == sorted(found), (asked, view)


def test_more_leads_than_a_page_or_a_stage_holds_are_gone_through(market: Market, signed_in: SignedIn) -> None:
    for number in range(120):
        market.does(f"email:{number}@acme.example", "view", ago=timedelta(minutes=number))
    market.turn(minutes=1)
    pages = signed_in(create_app(market.workspace), "viewer")
    first, second = (pages.get("/leads", params={"order": "longest", "page": page}).text for page in (1, 2))
    assert "Leads 1 to 100 of 123" in first and "Leads 101 to 123 of 123" in second
    assert len({*_leads(first), *_leads(second)}) == 123
    board = pages.get("/leads?view=board").text
    lanes = re.findall(r'<h2>(\w+) <span class="none">(\d+)</span>', board)
    assert lanes[:4] == [("known", "122"), ("nurture", "0"), ("recycled", "0"), ("passed", "1")]
    more = re.search(r'<a href="(/leads\?stage=known)">All 122</a>', board)
    assert more and "Leads 1 to 100 of 122" in pages.get(more.group(1)).text


def test_leads_come_in_the_order_that_is_asked_for(pages: TestClient) -> None:
    for order, first in (("worth", "ann"), ("due", "ann"), ("longest", "bob")):
        assert _leads(pages.get(f"/leads?order={order}").text)[0] == f"{first}@acme.example", order
    assert _leads(pages.get("/leads?order=newest").text)[-1] == "bob@acme.example"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("stage=passt", "The charter has no stage &#39;passt&#39;. Did you mean &#39;passed&#39;"),
        ("grade=Z", "The charter has no grade &#39;Z&#39;"),
        ("order=luck", "No order is called &#39;luck&#39;"),
        ("view=tabel", "Did you mean &#39;table&#39;"),
        ("score=nan", "&#39;nan&#39; is no score: write a whole number from 0 to 100."),
        ("score=101", "is no score"),
        ("page=0", "There is no page &#39;0&#39;"),
        ("page=9", "There is no page 9 of these leads"),
        ("page=99999999999999999999", "There is no page"),
    ],
)
def test_what_cannot_be_asked_of_leads_is_answered_with_a_sentence(pages: TestClient, asked: str, says: str) -> None:
    page = pages.get(f"/leads?{asked}")
    assert page.status_code == 400
    assert says in page.text


def test_text_of_outsiders_is_no_markup(pages: TestClient, reading: Market) -> None:
    for path in (_lead(reading, CAT), "/leads", "/leads?view=board", f"/leads?text={HOSTILE}"):
        page = pages.get(path).text
        assert HOSTILE not in page and "&lt;script&gt;" in page, path


def test_without_leads_the_page_says_what_to_do(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace))
    assert "hedgerow charter sign" in client.get("/leads").text
    Market(workspace)
    assert "hedgerow import touches" in client.get("/leads").text
    assert "No lead is like that" in client.get("/leads?stage=passed").text


def test_before_the_first_lead_is_decided_on_the_pages_are_empty(workspace: Workspace, signed_in: SignedIn) -> None:
    with patch("hedgerow.mill.turn.decide_leads", return_value=0):
        Market(workspace).does(ANN, "view").turn(minutes=1)
    pages = signed_in(create_app(workspace))
    for path in ("/leads", "/leads?as=board", "/today"):
        assert pages.get(path).status_code == 200


def test_every_link_of_the_pages_of_leads_leads_somewhere(pages: TestClient, reading: Market) -> None:
    with reading.clock():
        for path in ("/leads", "/leads?view=board", _lead(reading, ANN)):
            for link in set(re.findall(r'href="(/[^"]*)"', pages.get(path).text)):
                answer = pages.get(html.unescape(link))
                assert answer.status_code == 200, (path, link)


def _lead(market: Market, who: str) -> str:
    return f"/leads/{market.lead(who)['lead']}"


@contextmanager
def _now(market: Market) -> Iterator[None]:
    """Let the clock stand at the market's time, a minute on: what is written down now comes after what was."""
    market.wait(minutes=1)
    with market.clock():
        yield


def test_a_lead_shows_its_story_its_score_its_next_step_and_how_it_came_there(
    pages: TestClient, reading: Market
) -> None:
    with reading.clock():
        page = html.unescape(pages.get(_lead(reading, ANN)).text)
    assert "filled in a form: demo" in page
    assert "They asked for a demo, a quote or a call." in page
    assert "‘busy’ of the charter, since the number of its touches in 30 days is at least 5" in page
    assert "until it is accepted or it is sent back by its owner. Otherwise it comes to 'recycled'" in page
    assert re.search(r"As it is now: [^<]*not accepted", page)
    assert "it came to 'passed', with felix@copperkettle.example" in page
    assert "‘qualified’: (the score is at least 60" in page
    assert "‘begin’: their first touch" in page


def test_what_the_state_does_not_allow_is_not_offered(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace), "sales"), _lead(market, ANN)
    with _now(market):
        offered = client.get(ann).text
        assert "Accept it" in offered and "Reject it" in offered and "Open a deal" not in offered
        client.post(ann, data={"act": "accept"})
        working = client.get(ann).text
        assert "Accept it" not in working and "Send it back" in working and "Open a deal" in working
        known = client.get(_lead(market, BOB)).text
        assert "Marketing cares for it" in known and "Write down what was done" not in known


def test_a_seller_accepts_calls_and_wins(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace), "sales"), _lead(market, ANN)
    with _now(market):
        assert "It is written down" in client.post(ann, data={"act": "accept"}).text
    assert market.lead(ANN)["stage"] == "working"
    assert market.history(ANN)[-2]["by"] == "user:sales@hedgerow.example"
    with _now(market):
        page = client.post(ann, data={"act": "done", "verb": "call", "text": f"Wants {HOSTILE}"}).text
    assert "by sales@hedgerow.example: Wants &lt;script&gt;" in page
    assert market.lead(ANN)["clock"] == "answered", "the first call is made, so its clock is met"
    with _now(market):
        client.post(ann, data={"act": "deal", "name": "Forty seats", "amount": "12,500.50"})
    assert market.lead(ANN)["stage"] == "opportunity"
    with _now(market):
        page = client.get(ann).text
        assert "12,500.50 EUR" in page
        deal = re.search(r'name="deal" value="(\w+)"', page)
        assert deal
        client.post(ann, data={"act": "won", "deal": deal.group(1)})
    assert market.lead(ANN)["stage"] == "customer"
    rows = market.workspace.engine.sql("SELECT name, won, amount, owner, people FROM deals").to_pylist()
    assert rows == [
        {"name": "Forty seats", "won": True, "amount": 1_250_050, "owner": "sales@hedgerow.example", "people": [ANN]}
    ]


def test_a_deal_that_was_opened_here_is_undone_like_an_import(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace), "sales"), _lead(market, ANN)
    with _now(market):
        client.post(ann, data={"act": "accept"})
        client.post(ann, data={"act": "deal", "name": "Forty seats"})
    batch = imports(market.workspace)[0]
    assert (batch["file"], batch["kept"], batch["state"]) == ("stated by user:sales@hedgerow.example", 1, "done")
    with _now(market):
        undo_import(market.workspace, int(str(batch["number"])), "user:felix")
    market.turn(days=2)
    assert market.workspace.engine.sql("SELECT * FROM deals").num_rows == 0


def test_a_lead_is_rejected_with_a_reason_and_wakes_on_a_day(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace), "sales"), _lead(market, ANN)
    with _now(market):
        page = client.post(ann, data={"act": "return", "reason": "In <b>spring</b>", "wake": "2026-04-01"}).text
    assert market.lead(ANN)["stage"] == "recycled"
    assert "asleep until 2026-04-01" in page and "In &lt;b&gt;spring" in page and "Accept it" not in page
    market.now = datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert (market.turn().lead(ANN)["stage"], market.lead(ANN)["owner"]) == ("passed", "felix@copperkettle.example")


def test_a_lead_is_given_to_a_colleague_and_kept_out_of_audiences(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace)), _lead(market, ANN)
    with _now(market):
        client.post(ann, data={"act": "give", "owner": "nora@copperkettle.example"})
        page = client.post(ann, data={"act": "out"}).text
    assert market.lead(ANN)["owner"] == "nora@copperkettle.example"
    assert "taken out of audiences by sales" in page and "Let it into" in page


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"act": "return", "reason": " "}, "A lead is not sent back without a reason: say why."),
        ({"act": "return", "reason": "later", "wake": "2020-01-01"}, "is past: name a day to come"),
        ({"act": "return", "reason": "later", "wake": "soon"}, "'soon' is no day"),
        ({"act": "give", "owner": "eve@copperkettle.example"}, "is not in the team sales"),
        ({"act": "done", "verb": "note", "text": " "}, "The note is empty: write it."),
        ({"act": "done", "verb": "merge"}, "Nothing that was done is called 'merge'"),
        ({"act": "deal", "name": "x", "amount": "1,5"}, "'1,5' is no amount of EUR: write it as 11,423.50."),
        ({"act": "deal", "name": " "}, "The deal has no name"),
        ({"act": "deal", "name": "x", "amount": "99999999999999999"}, "beyond what a ledger row may carry"),
        ({"act": "won", "deal": "none"}, "That deal is not open with this lead any more"),
        ({"act": "fly"}, "Nothing was asked for"),
    ],
)
def test_what_the_room_refuses_is_shown_as_its_sentence(
    reading: Market, signed_in: SignedIn, form: dict[str, str], says: str
) -> None:
    client, before = signed_in(create_app(reading.workspace)), len(reading.history(ANN))
    with reading.clock():
        answer = client.post(_lead(reading, ANN), data=form)
    assert answer.status_code == 422
    assert says in html.unescape(answer.text)
    assert len(reading.history(ANN)) == before


def test_a_second_answer_is_refused_and_a_deal_is_not_opened_twice(market: Market, signed_in: SignedIn) -> None:
    client, ann = signed_in(create_app(market.workspace), "sales"), _lead(market, ANN)
    with _now(market):
        client.post(ann, data={"act": "accept"})
        assert "where it is not offered to anybody" in client.post(ann, data={"act": "accept"}).text
        client.post(ann, data={"act": "deal", "name": "Forty seats"})
        assert "is open with this lead already" in client.post(ann, data={"act": "deal", "name": "Forty seats"}).text
    assert market.workspace.engine.sql("SELECT * FROM deals").num_rows == 1


def test_only_the_side_that_has_a_lead_answers_for_it(market: Market, signed_in: SignedIn) -> None:
    app, before = create_app(market.workspace), market.history(ANN)
    for role, path in (("viewer", ANN), ("marketing", ANN), ("sales", BOB)):
        client = signed_in(app, role)
        with market.clock():
            page = client.get(_lead(market, path)).text
            answer = client.post(_lead(market, path), data={"act": "done", "verb": "note", "text": "mine"})
        assert "Write down what was done" not in page
        assert answer.status_code == 403, role
        assert f"The role {role} may not answer for leads that" in answer.text
    assert market.history(ANN) == before
    with _now(market):
        page = signed_in(app, "sales").post(_lead(market, BOB), data={"act": "out"}).text
    assert "taken out of audiences by sales" in page, "sales says so of any lead"
    assert market.workspace.engine.sql("SELECT * FROM touches WHERE verb = 'note'").num_rows == 0


def test_a_lead_that_gave_way_leads_to_the_one_that_stands(market: Market, signed_in: SignedIn) -> None:
    bob, client = _lead(market, BOB), signed_in(create_app(market.workspace))
    market.does(BOB, "identify", claims=(ANN,)).turn(minutes=1)
    assert client.get(bob, follow_redirects=False).headers["location"] == _lead(market, ANN)


@pytest.mark.parametrize("number", ["999999", "9" * 19, "9" * 40])
def test_a_lead_that_is_not_there_is_answered_with_a_sentence(pages: TestClient, number: str) -> None:
    page = pages.get(f"/leads/{number}")
    assert page.status_code == 400
    assert "among all leads" in page.text
