"""The page Today: what waits for who is signed in, or for everybody, in order of worth; and the pages in a browser."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from hedgerow import leads
from hedgerow.access import add_user, open_session, users
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.web import create_app
from hedgerow.web.door.visit import COOKIE
from tests.leads.market import Market
from tests.web.conftest import LOCAL, SignedIn, served, signed_context

ANN, BOB, CAT, DAN = (f"email:{name}@acme.example" for name in ("ann", "bob", "cat", "dan"))
FELIX = "felix@copperkettle.example"
HOSTILE = "<script>alert(1)</script>"


def _fill(workspace: Workspace) -> Market:
    """Ann, Bob and Cat asked for a demo: Bob was taken on by Nora and spoke since, Cat by Felix; Dan only talks."""
    market = Market(workspace)
    market.asks(ANN).turn(minutes=1).asks(BOB).turn(minutes=1).asks(CAT).turn(minutes=1)
    for _ in range(5):
        market.does(CAT, "view", title="Pricing")
    with market.clock():
        leads.accept(workspace, BOB, "user:nora@copperkettle.example")
        leads.accept(workspace, CAT, f"user:{FELIX}")
    market.turn(minutes=1)
    market.does(BOB, "create", text=f"Thursday? {HOSTILE}", channel="Forum", url="javascript:alert(1)")
    market.does(DAN, "create", text="Anybody here with a pager?", channel="Forum", url="https://forum.example/1")
    return market.turn(minutes=1)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market that is only read."""
    workspace = create_workspace(tmp_path_factory.mktemp("today") / "workspace", "Test")
    yield _fill(workspace)
    workspace.close()


def _parts(page: str) -> dict[str, list[str]]:
    """Return the leads of each part of the page, by its heading."""
    cards = re.findall(r"<section class=\"card\">.*?<h2>([^<]*)</h2>(.*?)</section>", page, re.DOTALL)
    return {heading: re.findall(r'<a href="/leads/\d+">([^<@]*)', card) for heading, card in cards}


def _felix(market: Market) -> TestClient:
    known = {user.email: user for user in users(market.workspace)}
    user = known.get(FELIX) or add_user(market.workspace, FELIX, "Felix", "sales")
    return TestClient(
        create_app(market.workspace), base_url=LOCAL, cookies={COOKIE: open_session(market.workspace, user, "pytest")}
    )


def test_a_seller_sees_what_waits_for_them_and_a_link_to_everybodys_day(market: Market) -> None:
    client = _felix(market)
    with market.clock():
        mine, everybody = client.get("/today").text, client.get("/today?whose=all").text
    assert _parts(mine) == {"1 offer to answer": ["ann"], "1 clock runs out": ["cat"]}
    assert _parts(everybody) == {
        "1 offer to answer": ["ann"],
        "2 clocks run out": ["cat", "bob"],
        "2 replies are wanted": ["bob", "dan"],
    }


def test_others_see_everybodys_day_and_their_own_says_how_leads_come(market: Market, signed_in: SignedIn) -> None:
    client = signed_in(create_app(market.workspace), "marketing")
    with market.clock():
        assert "2 replies are wanted" in client.get("/today").text
        mine = client.get("/today?whose=mine").text
    assert "Nothing waits for you" in mine and "names marketing@hedgerow.example in a team" in mine


def test_a_clock_that_was_missed_is_late_and_an_old_word_is_waited_for_no_more(
    workspace: Workspace, signed_in: SignedIn
) -> None:
    market = _fill(workspace)
    client = signed_in(create_app(workspace), "viewer")
    market.turn(days=4)
    with market.clock():
        assert client.get("/today").text.count('<span class="mark stop">late</span>') == 2
    market.wait(days=30)
    with market.clock():
        assert "wanted" not in client.get("/today").text


def test_whoever_was_called_or_written_to_waits_for_no_reply(workspace: Workspace) -> None:
    market = _fill(workspace)
    for lead, verb in ((BOB, "call"), (DAN, "send")):
        with market.wait(minutes=1).clock():
            leads.write_down(workspace, lead, verb, "", "user:nora@copperkettle.example")
    market.turn(minutes=1)
    with market.clock():
        found = leads.day(workspace)
    assert found.replies.whole == 0
    assert found.clocks.rows["identifier"].to_pylist() == [CAT], "Bob's first call is made"


def test_a_program_that_posts_and_who_sleeps_wait_for_nothing(workspace: Workspace) -> None:
    market = _fill(workspace)
    market.does("email:bot@acme.example", "create", text="Buy now", user_agent="Googlebot/2.1")
    with market.clock():
        leads.send_back(workspace, CAT, "in spring", f"user:{FELIX}", market.now + timedelta(days=60))
    market.turn(minutes=1)
    with market.clock():
        found = leads.day(workspace)
    named = [*found.offers.rows["identifier"].to_pylist(), *found.clocks.rows["identifier"].to_pylist()]
    assert CAT not in named
    assert "email:bot@acme.example" not in found.replies.rows["identifier"].to_pylist()


def test_no_more_leads_are_shown_than_asked_for_and_all_are_counted(market: Market) -> None:
    with market.clock():
        found = leads.day(market.workspace, most=1)
    assert (found.clocks.rows.num_rows, found.clocks.whole) == (1, 2)
    assert found.clocks.rows["identifier"].to_pylist() == [CAT], "the one worth most"


def test_what_people_said_is_no_markup_and_only_an_address_of_the_web_is_a_link(
    market: Market, signed_in: SignedIn
) -> None:
    with market.clock():
        page = signed_in(create_app(market.workspace)).get("/today").text
    assert HOSTILE not in page and "Thursday? &lt;script&gt;" in page
    assert "javascript:" not in page and 'href="https://forum.example/1"' in page


def test_every_link_of_the_day_leads_somewhere(market: Market, signed_in: SignedIn) -> None:
    client = signed_in(create_app(market.workspace))
    with market.clock():
        for link in set(re.findall(r'href="(/[^"]*)"', client.get("/today").text)):
            assert client.get(html.unescape(link)).status_code == 200, link


def test_a_day_without_a_charter_or_of_nobody_says_what_to_do(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace))
    assert "hedgerow charter sign" in client.get("/today").text
    Market(workspace)
    assert "Nothing waits for anybody" in client.get("/today").text
    refused = client.get("/today?whose=mime")
    assert (refused.status_code, "Did you mean &#39;mine&#39;" in refused.text) == (400, True)


def test_the_pages_of_leads_fit_and_raise_no_error(browser: Browser, market: Market) -> None:
    errors: list[str] = []
    lead = market.lead(BOB)["lead"]
    with served(create_app(market.workspace)) as address:
        for width, theme in ((1440, "light"), (390, "dark")):
            size = {"width": width, "height": 900}
            context = signed_context(browser, address, market.workspace, "admin", viewport=size, color_scheme=theme)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
            for path in ("/today", "/leads", "/leads?view=board", f"/leads/{lead}"):
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.goto(f"{address}/leads")
            page.get_by_label("Name, identifier or account").fill("bob@")
            page.get_by_role("heading", name="1 lead", exact=True).wait_for()
            context.close()
    assert errors == []


def test_a_lead_is_answered_for_without_javascript(browser: Browser, workspace: Workspace) -> None:
    market = _fill(workspace)
    with served(create_app(workspace)) as address:
        context = signed_context(browser, address, workspace, "admin", java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/leads/{market.lead(DAN)['lead']}")
        page.get_by_text("Write down what was done").click()
        page.get_by_label("What was said, if it matters").fill("They run four sites.")
        page.get_by_role("button", name="Write down").click()
        page.get_by_text("It is written down").wait_for()
        page.get_by_text("They run four sites.").wait_for()
        context.close()
