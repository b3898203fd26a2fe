"""Delivery: what was recorded arrives once, whatever happens to the tab, the server or the page around it."""

import gzip

from tests.collect.http.site.conftest import Visitor
from tests.collect.http.site.recording import SCRIPT

STRICT = "default-src 'none'; script-src {collector}; connect-src {collector}"


def test_the_script_is_small() -> None:
    script = SCRIPT.read_bytes()
    assert len(script) <= 9_216
    assert len(gzip.compress(script, 9)) <= 3_686


def test_closing_the_tab_delivers(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("hedgerow.track('Last Word')")
    page.close(run_before_unload=True)
    visitor.collector.wait("Last Word")
    assert [m.get("event", m["type"]) for m in visitor.collector.wait(count=3)] == ["page", "Last Word", "Page Left"]


def test_what_the_browser_takes_no_beacon_for_is_fetched(visitor: Visitor) -> None:
    visitor.context.add_init_script("navigator.sendBeacon = () => false")
    page = visitor.visit()
    page.evaluate("hedgerow.track('Last Word')")
    page.goto("about:blank")
    visitor.collector.wait("Page Left")
    assert len(visitor.collector.messages("Last Word")) == 1


def test_twenty_messages_do_not_wait(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.collector.wait("page")
    page.evaluate("window.setTimeout = () => 1; for (let n = 0; n < 20; n++) hedgerow.track('Many', {n})")
    many = visitor.collector.wait("Many", 20)
    assert [m["properties"]["n"] for m in many] == list(range(20))
    assert len({m["messageId"] for m in many}) == 20


def test_a_server_that_fails_gets_the_same_messages_again(visitor: Visitor) -> None:
    visitor.expected = ("503", "429")
    visitor.collector.statuses = [503, 429]
    visitor.visit()
    visitor.collector.wait("page")
    tries = [request.stated["batch"] for request in visitor.collector.requests]
    assert [request.status for request in visitor.collector.requests] == [503, 429, 200]
    assert tries[0] == tries[1] == tries[2]
    first, second, third = (request.at for request in visitor.collector.requests)
    assert second - first >= 0.5
    assert third - second >= 1


def test_a_network_that_fails_gets_the_same_messages_again(visitor: Visitor) -> None:
    visitor.expected = ("ERR_",)
    visitor.collector.statuses = [0, 0]
    visitor.visit()
    (view,) = visitor.collector.wait("page")
    assert {m["messageId"] for r in visitor.collector.requests for m in r.stated["batch"]} == {view["messageId"]}


def test_what_is_refused_is_not_sent_again(visitor: Visitor) -> None:
    visitor.expected = ("400",)
    visitor.collector.statuses = [400]
    page = visitor.visit()
    visitor.collector.until(lambda: visitor.collector.requests != [], "a batch")
    page.wait_for_timeout(1500)
    page.evaluate("hedgerow.track('Later')")
    visitor.collector.wait("Later")
    assert visitor.collector.messages("page") == []


def test_leaving_while_the_server_fails_delivers(visitor: Visitor) -> None:
    visitor.expected = ("503",)
    visitor.collector.statuses = [503]
    page = visitor.visit()
    visitor.collector.until(lambda: visitor.collector.requests != [], "a batch")
    page.wait_for_timeout(50)
    page.goto("about:blank")
    visitor.collector.wait("page")


def test_hiding_the_tab_while_the_server_fails_loses_nothing(visitor: Visitor) -> None:
    visitor.expected = ("503",)
    visitor.collector.statuses = [503, 503]
    page = visitor.visit()
    visitor.collector.until(lambda: visitor.collector.requests != [], "a batch")
    page.wait_for_timeout(50)
    page.evaluate("""Object.defineProperty(document, 'hidden', {get: () => true});
        document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))""")
    visitor.collector.wait("page")
    assert [request.status for request in visitor.collector.requests][:2] == [503, 503]


def test_a_body_stays_below_what_a_beacon_takes(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("for (let n = 0; n < 19; n++) hedgerow.track('Wide', {n, text: 'ä'.repeat(4000)})")
    wide = visitor.collector.wait("Wide", 19)
    assert [m["properties"]["n"] for m in wide] == list(range(19))
    assert max(len(request.body) for request in visitor.collector.requests) <= 60_000
    assert len(visitor.collector.requests) >= 3


def test_a_message_larger_than_that_is_sent_by_itself(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("hedgerow.track('Huge', {text: 'ä'.repeat(50000)}); hedgerow.track('After')")
    visitor.collector.wait("After")
    assert len(visitor.collector.messages("Huge")[0]["properties"]["text"]) == 50_000


def test_loading_twice_records_once(visitor: Visitor) -> None:
    visitor.put(head=f'<script src="{visitor.collector.address}/hedgerow.js" data-key="wk_first"></script>')
    page = visitor.visit(wait_until="load")
    page.evaluate("hedgerow.track('After')")
    visitor.collector.wait("After")
    assert len(visitor.collector.messages("page")) == 1
    assert visitor.collector.requests[0].stated["writeKey"] == "wk_first"


def test_calls_made_before_the_script_are_replayed_and_later_ones_are_made(visitor: Visitor) -> None:
    stub = "window.hedgerow = window.hedgerow || {q: []}; hedgerow.q.push(['track', 'Early', {n: 1}]);"
    visitor.put(head=f"<script>{stub} window.kept = hedgerow</script>")
    page = visitor.visit()
    page.evaluate("hedgerow.q.push(['track', 'Late']); kept.q.push(['track', 'Kept']); hedgerow.q.push(['no such'])")
    visitor.collector.wait("Kept")
    assert [m.get("event") for m in visitor.collector.messages()] == [None, "Early", "Late", "Kept"]
    assert visitor.collector.messages("Early")[0]["properties"] == {"n": 1}


def test_an_element_that_is_called_hedgerow_is_left_alone(visitor: Visitor) -> None:
    visitor.put(head="<div id='hedgerow'></div>")
    page = visitor.visit()
    visitor.collector.wait("page")
    assert page.locator("#hedgerow").count() == 1


def test_it_runs_under_a_strict_policy(visitor: Visitor) -> None:
    policy = STRICT.format(collector=visitor.collector.address)
    visitor.put(headers={"content-security-policy": policy}, body="<button data-hedgerow='Pressed'>Press</button>")
    page = visitor.visit()
    page.click("button")
    visitor.collector.wait("Pressed")
    page.goto("about:blank")
    visitor.collector.wait("Page Left")


def test_it_runs_on_a_page_without_encryption(visitor: Visitor) -> None:
    page = visitor.visit(host="site.test")
    assert page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    visitor.collector.wait("page")


def test_a_collector_elsewhere_is_named_by_the_page(visitor: Visitor) -> None:
    visitor.put(collector="", attributes=f'data-to="{visitor.collector.address}"')
    visitor.site.pages["/hedgerow.js"] = SCRIPT.read_text("utf-8"), {"content-type": "text/javascript"}
    visitor.visit()
    visitor.collector.wait("page")


def test_a_script_that_was_put_in_wrongly_throws_nothing(visitor: Visitor) -> None:
    visitor.expected = ("ERR_", "404", "hedgerow")
    visitor.put("/nowhere", attributes='data-to="ftp://nowhere.example"')
    visitor.visit("/nowhere").goto("about:blank")
    address = visitor.collector.address
    visitor.put("/module", head=f"<script>window.hedgerow = {{track: 1}}; import('{address}/hedgerow.js')</script>")
    visitor.visit("/module", wait_until="networkidle")
    assert [said for said in visitor.errors if "Uncaught" in said or "TypeError" in said] == []
    assert visitor.collector.requests == []


def test_nothing_of_it_is_thrown_into_the_page(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("""() => {
        const round = {}; round.round = round;
        hedgerow.track('Round', round); hedgerow.track('Big', {n: 1n});
        hedgerow.track('Kept', null); hedgerow.q.push(null);
        history.pushState({}, '', '/two');
    }""")
    assert visitor.collector.wait("page", 2)
    assert [m["event"] for m in visitor.collector.messages("track") if m["event"] != "Page Left"] == ["Kept"]


def test_what_the_page_changes_later_was_recorded_as_it_was(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("const said = {n: 1}; hedgerow.track('Said', said); said.n = 2")
    assert visitor.collector.wait("Said")[0]["properties"] == {"n": 1}
