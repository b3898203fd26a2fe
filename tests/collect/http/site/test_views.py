"""Page views: what they say, when there is one, and what stays when it ends."""

import re
from datetime import UTC, datetime

import pytest

from tests.collect.http.site.conftest import Visitor


def test_a_page_view_says_where_and_when_and_by_whom(visitor: Visitor) -> None:
    visitor.visit("/?q=a%20b+c#part", referer="https://social.example/")
    (view,) = visitor.collector.wait("page")
    page = {
        "url": f"{visitor.site.address}/?q=a%20b+c#part",
        "path": "/",
        "search": "?q=a%20b+c",
        "title": "Home",
        "referrer": "https://social.example/",
    }
    assert view["context"]["page"] == page
    assert view["context"]["library"] == {"name": "hedgerow.js", "version": "0.2"}
    assert view["context"]["locale"] == "en-US"
    assert view["context"]["consent"] == "none"
    assert "link" not in view["context"]
    assert view["properties"] == {}
    assert re.fullmatch(r"[0-9-]{20,43}", view["anonymousId"])
    assert abs((datetime.now(UTC) - datetime.fromisoformat(view["timestamp"])).total_seconds()) < 60


def test_a_batch_needs_no_preflight_and_names_its_key(visitor: Visitor) -> None:
    visitor.visit()
    visitor.collector.wait("page")
    (request,) = visitor.collector.requests
    assert request.kind.startswith("text/plain")
    assert request.stated["writeKey"] == "wk_test"
    assert request.stated["sentAt"].endswith("Z")


def test_campaign_and_click_ids_are_read_from_the_address(visitor: Visitor) -> None:
    ids = {
        name: f"{name}-1"
        for name in ("gclid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid", "wbraid", "gbraid", "dclid")
    }
    utm = "utm_source=news&utm_medium=email&utm_campaign=spring%20sale&utm_term=a&utm_content=b"
    visitor.visit("/?" + utm + "".join(f"&{name}={value}" for name, value in ids.items()) + "&other=1")
    (view,) = visitor.collector.wait("page")
    campaign = {"source": "news", "medium": "email", "name": "spring sale", "term": "a", "content": "b"}
    assert view["context"]["campaign"] == campaign
    assert view["context"]["clickIds"] == ids


def test_a_share_token_is_taken_out_of_the_address_and_sent(visitor: Visitor) -> None:
    page = visitor.context.new_page()
    left = {
        "/?hr=Tok.en~_-1": "/",
        "/?hr=Tok.en~_-2#part": "/#part",
        "/?a=1&hr=Tok.en~_-3&b=%20+": "/?a=1&b=%20+",
        "/?hr=Tok.en~_-4&a=$%26": "/?a=$%26",
        "/?a=1&b=2&hr=Tok.en~_-5": "/?a=1&b=2",
        "/?hr=first&hr=last": "/",
    }
    for asked, clean in left.items():
        visitor.visit(asked, page=page)
        assert page.url == visitor.site.address + clean
    views = visitor.collector.wait("page", len(left))
    assert [view["context"]["page"]["url"] for view in views] == [visitor.site.address + url for url in left.values()]
    assert [view["context"]["link"] for view in views] == [f"Tok.en~_-{n}" for n in range(1, 6)] + ["last"]
    assert len({view["anonymousId"] for view in views}) == len(left)


def test_what_is_no_share_token_stays_where_it_is(visitor: Visitor) -> None:
    page = visitor.context.new_page()
    asked = ["/?hr=abc", "/?hr=a%20b%20c%20d", "/?hrx=abcd", "/?hr=" + "a" * 65, "/?"]
    for address in asked:
        visitor.visit(address, page=page)
        assert page.url == visitor.site.address + address
    assert [m for m in visitor.collector.wait("page", len(asked)) if "link" in m["context"]] == []


def test_a_path_that_looks_like_a_host_keeps_its_origin(visitor: Visitor) -> None:
    visitor.put("/elsewhere.example/a")  # where the server looks for it
    page = visitor.visit("//elsewhere.example/a?hr=token&b=1")
    (view,) = visitor.collector.wait("page")
    assert page.url == view["context"]["page"]["url"] == f"{visitor.site.address}//elsewhere.example/a?b=1"


def test_moving_in_a_single_page_app_is_a_view_and_its_title_may_come_late(visitor: Visitor) -> None:
    page = visitor.visit("/?hr=token", referer="https://social.example/")
    visitor.collector.wait("page")
    page.evaluate("history.pushState({n: 1}, '', '/two?x=1'); document.title = 'Two'")
    visitor.collector.wait("page", 2)
    page.evaluate("history.replaceState(null, '', '/two?x=2')")
    visitor.collector.wait("page", 3)
    page.evaluate("history.replaceState(null, '', '/two?x=2#hash'); location.hash = 'other'")
    page.go_back()
    page.go_back()
    views = visitor.collector.wait("page", 4)
    assert [view["context"]["page"]["path"] for view in views] == ["/", "/two", "/two", "/"]
    assert views[1]["context"]["page"]["title"] == "Two"
    assert views[1]["context"]["page"]["referrer"] == f"{visitor.site.address}/"
    assert len({view["anonymousId"] for view in views}) == 1
    assert {view["context"]["link"] for view in views} == {"token"}
    assert len({view["messageId"] for view in views}) == 4


def test_leaving_a_view_of_a_single_page_app_names_the_view_that_was_left(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("history.pushState(null, '', '/two')")
    (left,) = visitor.collector.wait("Page Left")
    assert left["context"]["page"]["path"] == "/"
    assert visitor.collector.messages("page")[-1]["timestamp"] >= left["timestamp"]


def test_a_page_gone_back_to_is_a_new_view(visitor: Visitor) -> None:
    page = visitor.visit(referer="https://social.example/")
    visitor.collector.wait("page")
    page.evaluate("window.alive = true")
    visitor.put("/two", title="Two")
    visitor.visit("/two", page=page)
    page.go_back(wait_until="commit")  # a page kept alive is not loaded
    views = visitor.collector.wait("page", 3)
    assert page.evaluate("window.alive") is True, "the page was made anew"
    assert views[2]["context"]["page"] == views[0]["context"]["page"]
    assert views[2]["anonymousId"] == views[0]["anonymousId"]


def test_a_page_rendered_ahead_is_a_view_once_it_is_seen(visitor: Visitor) -> None:
    visitor.context.add_init_script(
        "window.ahead = true; Object.defineProperty(document, 'prerendering', {get: () => window.ahead});"
    )
    visitor.put(head="<script>window.hedgerow = {q: [['track', 'Early']]}</script>")
    page = visitor.context.new_page()
    page.goto(visitor.site.address + "/?hr=token")
    page.wait_for_timeout(500)
    assert visitor.collector.requests == []
    page.evaluate("window.ahead = false; document.dispatchEvent(new Event('prerenderingchange'))")
    assert [m["type"] for m in visitor.collector.wait(count=2)] == ["page", "track"]


def test_pages_off_sends_only_what_is_called_for(visitor: Visitor) -> None:
    visitor.put(attributes='data-pages="off"')
    page = visitor.visit()
    page.evaluate("history.pushState(null, '', '/two'); hedgerow.track('Called')")
    visitor.collector.wait("Called")
    page.evaluate("hedgerow.page('Pricing', {plan: 'pro'})")
    (view,) = visitor.collector.wait("page")
    assert (view["name"], view["properties"]) == ("Pricing", {"plan": "pro"})
    said = [(m["type"], m["context"]["page"]["path"]) for m in visitor.collector.messages()]
    assert said == [("track", "/two"), ("page", "/two")]


def test_leaving_tells_the_seconds_seen_and_the_depth_scrolled(visitor: Visitor) -> None:
    visitor.put(body="<div style='height: 4000px'></div>")
    page = visitor.visit()
    page.evaluate("scrollTo(0, 1000)")
    page.wait_for_timeout(1100)
    page.evaluate("scrollTo(0, 0)")
    page.goto("about:blank")
    (left,) = visitor.collector.wait("Page Left")
    height = 4000 + 16
    assert left["properties"]["seconds"] in (1, 2)
    assert left["properties"]["depth"] == pytest.approx(100 * (1000 + 720) / height, abs=2)


def test_leaving_is_told_once_though_the_browser_says_it_twice(visitor: Visitor) -> None:
    page = visitor.visit()
    page.goto("about:blank")
    visitor.collector.wait("Page Left")
    page.wait_for_timeout(200)
    assert len(visitor.collector.messages("Page Left")) == 1


def test_coming_back_to_the_tab_adds_what_was_seen_since(visitor: Visitor) -> None:
    turn = """hidden => {
        Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
    }"""
    page = visitor.visit()
    for hidden in (True, False, True, False):  # gone, and back for no time at all
        page.evaluate(turn, hidden)
    page.wait_for_timeout(1000)
    page.evaluate(turn, True)
    left = visitor.collector.wait("Page Left", 2)
    assert [m["properties"]["seconds"] for m in left] == [0, 1]
