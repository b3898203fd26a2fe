"""Shares: a tracked link of the page, made, copied and handed to the page."""

from playwright.sync_api import Page

from tests.collect.http.site.conftest import Visitor

BODY = """<button data-hedgerow-share="CHANNEL" data-hedgerow="Shared"><b>Share</b></button><script>
addEventListener('hedgerow:shared', e => { window.shared = [e.detail.url, e.target.dataset.hedgerowLink] })</script>"""


def _shared(page: Page) -> list[str]:
    page.click("b")
    page.wait_for_function("window.shared")
    shared: list[str] = page.evaluate("window.shared")
    return shared


def test_a_share_states_where_from_and_by_whom(visitor: Visitor) -> None:
    page = visitor.visit("/?a=1&hr=token")
    link = page.evaluate("hedgerow.share({channel: 'linkedin', content: 'hero'})")
    assert link == visitor.collector.link
    (asked,) = [request for request in visitor.collector.requests if request.path == "/v1/links"]
    assert asked.kind.startswith("text/plain")
    assert asked.stated == {
        "writeKey": "wk_test",
        "url": f"{visitor.site.address}/?a=1",
        "parent": "token",
        "channel": "linkedin",
        "content": "hero",
        "anonymousId": page.evaluate("hedgerow.id()"),
    }


def test_a_share_of_somebody_whom_no_share_brought_has_no_parent(visitor: Visitor) -> None:
    visitor.visit().evaluate("hedgerow.share()")
    (asked,) = [request for request in visitor.collector.requests if request.path == "/v1/links"]
    assert asked.stated["parent"] is None


def test_a_button_that_shares_copies_the_link_and_tells_the_page(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.put(body=BODY.replace("CHANNEL", "copy"))
    page = visitor.visit()
    assert _shared(page) == [visitor.collector.link] * 2
    assert page.evaluate("navigator.clipboard.readText()") == visitor.collector.link
    assert visitor.collector.wait("Shared")[0]["properties"]["share"] == "copy"


def test_a_button_that_shares_natively_asks_the_browser(visitor: Visitor) -> None:
    visitor.context.add_init_script("navigator.share = async shared => { window.native = shared }")
    visitor.put(body=BODY.replace("CHANNEL", "native"))
    page = visitor.visit()
    assert _shared(page) == [visitor.collector.link] * 2
    assert page.evaluate("native") == {"url": visitor.collector.link}


def test_where_copying_is_forbidden_the_page_has_the_link(visitor: Visitor) -> None:
    visitor.put(body=BODY.replace("CHANNEL", "copy"))
    page = visitor.visit(host="site.test")
    assert page.evaluate("typeof navigator.clipboard") == "undefined"
    assert _shared(page) == [visitor.collector.link] * 2


def test_a_collector_that_fails_leaves_the_plain_address_to_share(visitor: Visitor) -> None:
    visitor.expected = ("ERR_",)
    visitor.put(body=BODY.replace("CHANNEL", "copy"))
    page = visitor.visit("/?a=1")
    visitor.collector.wait("page")
    visitor.collector.link = None
    assert _shared(page) == [f"{visitor.site.address}/?a=1"] * 2
    visitor.collector.statuses = [0]
    assert page.evaluate("hedgerow.share()") == f"{visitor.site.address}/?a=1"
