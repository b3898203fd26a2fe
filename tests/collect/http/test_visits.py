"""Visits, from a post to a page and on: a real browser, the website script, and the door together."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hedgerow import mill
from hedgerow.journeys import automata
from hedgerow.ledger import Link, Purpose, make_link
from tests.collect.http.conftest import Collecting, serving
from tests.collect.http.site.conftest import ARGUMENTS, CHROMIUM
from tests.collect.http.site.recording import Site, served

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The guide</title>
<script async src="{door}/hedgerow.js" data-key="{key}"></script>
<body><button data-hedgerow="Asked for a price">Price</button>
<form data-hedgerow="Form Submitted" action="/thanks"><input name="email" type="email">
<input id="secret" type="password"><button>Send</button></form>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        named = [*ARGUMENTS, f"--user-agent={AGENT}"]  # one of a page's own does not reach what a closing page sends
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=named)
        yield launched
        launched.close()


class Street:
    """A website with the script on its pages, the door it sends to, and a link posted to it."""

    def __init__(self, collecting: Collecting, site: Site) -> None:
        self.collecting, self.site = collecting, site
        self.key = collecting.key("website", ("127.0.0.1",))
        for path in ("/guide", "/thanks"):
            site.pages[path] = PAGE.format(door=collecting.url, key=self.key.key), {}
        ann = Purpose(channel="LinkedIn", campaign="Launch", content="launch-post", sharer="email:ann@acme.example")
        self.posted: Link = make_link(
            collecting.workspace, f"{site.address}/guide?utm_source=linkedin", "key:website", ann
        )

    def link(self, code: str) -> str:
        """Return the address of a link."""
        return f"{self.collecting.url}/l/{code}"

    def touches(self) -> list[dict[str, Any]]:
        """Return what is in the ledger, in order, its properties read."""
        workspace = self.collecting.workspace
        mill.turn(workspace)
        rows = sorted(
            workspace.engine.sql("SELECT * FROM touches").to_pylist(),
            key=lambda row: (row["occurred_at"], row["received_at"]),
        )
        return [{**row, "properties": msgspec.json.decode(row["properties"] or "{}")} for row in rows]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """A street, with a door of its own."""
    site = Site()
    with serving(tmp_path) as door, served(site):
        yield Street(Collecting(*door), site)


def arrive(browser: Browser, address: str, **options: Any) -> Page:
    """Open an address in a browser of its own, once the script runs."""
    page = browser.new_context(**options).new_page()
    page.goto(address)
    page.wait_for_function("Boolean(window.hedgerow && hedgerow.track)")
    return page


def leave(page: Page) -> None:
    """Close the tab and the browser, with what was not sent yet on its way."""
    page.close(run_before_unload=True)
    page.context.close()


def wait_for(street: Street, many: int, verb: str) -> list[dict[str, Any]]:
    """Return the touches once the ledger holds `many` of a verb."""
    for _ in range(60):
        found = street.touches()
        if sum(row["verb"] == verb for row in found) >= many:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{many} of {verb} never came: {[row['verb'] for row in found]}")


def test_a_link_shared_on_from_a_visit_knows_its_generation_and_its_parent(browser: Browser, street: Street) -> None:
    bob = arrive(browser, street.link(street.posted.code))
    first = bob.evaluate("hedgerow.share({channel: 'Slack', content: 'team chat'})")
    leave(bob)
    eve = arrive(browser, first)
    second = eve.evaluate("hedgerow.share({channel: 'WhatsApp'})")
    leave(eve)
    dan = arrive(browser, second)
    leave(dan)

    found = wait_for(street, 3, "view")
    made = {row["properties"]["link"]: row for row in found if row["source"] == "links" and row["verb"] == "announce"}
    codes = [street.posted.code, first.rsplit("/", 1)[1], second.rsplit("/", 1)[1]]
    assert [made[code]["properties"]["generation"] for code in codes] == [0, 1, 2]
    assert [made[code]["properties"]["root"] for code in codes] == [street.posted.code] * 3
    assert [made[code]["parent"] for code in codes] == [None, made[codes[0]]["touch_id"], made[codes[1]]["touch_id"]]
    clicks = [row for row in found if row["verb"] == "click"]
    assert [row["parent"] for row in clicks] == [made[code]["touch_id"] for code in codes]
    assert [row["channel"] for row in clicks] == ["LinkedIn", "Slack", "WhatsApp"]
    views = [row for row in found if row["verb"] == "view"]
    assert [row["parent"] for row in views] == [made[code]["touch_id"] for code in codes]
    assert [row["claims"] for row in views] == [
        sorted([row["actor"], click["actor"]]) for row, click in zip(views, clicks, strict=True)
    ]
    assert all("hr=" not in row["url"] for row in views)


def test_what_a_visitor_does_is_in_the_ledger_and_the_password_is_not(browser: Browser, street: Street) -> None:
    page = arrive(browser, f"{street.site.address}/guide?utm_source=news&utm_medium=email&utm_campaign=spring")
    page.click("text=Price")
    page.fill("[name=email]", "bob@example.org")
    page.fill("#secret", "hunter2")
    page.click("text=Send")
    page.wait_for_url("**/thanks**")
    page.wait_for_function("Boolean(window.hedgerow && hedgerow.track)")
    leave(page)
    found = wait_for(street, 2, "view")
    did = [(row["verb"], row["title"]) for row in found]
    assert ("track", "Asked for a price") in did
    assert ("submit", "Form Submitted") in did
    seen = next(row for row in found if row["verb"] == "view")
    assert (seen["campaign"], seen["medium"], seen["user_agent"]) == ("spring", "email", AGENT)
    assert "hunter2" not in str(found)
    assert not any(claim.startswith("email:") for row in found for claim in row["claims"] or []), "no consent was given"


def test_a_visitor_is_known_again_only_between_consent_given_and_withdrawn(browser: Browser, street: Street) -> None:
    page = arrive(browser, f"{street.site.address}/guide")
    page.evaluate("hedgerow.consent(true)")
    page.reload()
    page.wait_for_function("Boolean(window.hedgerow && hedgerow.track)")
    page.evaluate("hedgerow.consent(false)")
    page.reload()
    page.wait_for_function("Boolean(window.hedgerow && hedgerow.track)")
    leave(page)
    found = wait_for(street, 3, "view")
    actors = [row["actor"] for row in found if row["verb"] == "view"]
    assert actors[0] == actors[1] != actors[2]
    assert {"Consent Given", "Consent Withdrawn"} <= {row["title"] for row in found}


def test_programs_that_follow_a_link_make_no_click(street: Street) -> None:
    asked = [
        ("HEAD", {"User-Agent": AGENT}),
        ("GET", {"User-Agent": AGENT, "Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"User-Agent": AGENT, "Purpose": "prefetch"}),
        ("GET", {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}),
        ("GET", {"User-Agent": "facebookexternalhit/1.1"}),
        ("GET", {"User-Agent": ""}),
    ]
    opener = urllib.request.build_opener(NoRedirect)
    for method, headers in asked:
        request = urllib.request.Request(street.link(street.posted.code), method=method, headers=headers)
        with opener.open(request) as answer:
            assert answer.status == 302
            assert answer.headers["Location"] == street.posted.url, "a program carries no share token on"
    verbs = [row["verb"] for row in street.touches() if row["source"] == "links" and row["verb"] != "announce"]
    assert verbs == ["fetch"] * len(asked)
    marks = street.collecting.workspace.engine.sql("SELECT automaton FROM marks WHERE verb = 'fetch'")
    assert all(marks["automaton"].to_pylist())
    assert not automata(pa.array([AGENT]))[0].as_py()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows a redirect instead of following it."""

    def http_error_302(self, _: Any, answer: Any, *__: Any) -> Any:
        """Return the redirect."""
        return answer
