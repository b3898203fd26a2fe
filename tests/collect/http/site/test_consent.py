"""Consent: who is known again, and what is kept, sent and forgotten."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.collect.http.site.conftest import Visitor

SIGNALS = {
    "global privacy control": "Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})",
    "do not track": "Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'})",
}


def _kept(page: Page) -> dict[str, str]:
    kept: dict[str, str] = page.evaluate("Object.assign({}, localStorage, sessionStorage)")
    return kept


def _reload(visitor: Visitor, page: Page, path: str = "/") -> str:
    """Open the site again in the same tab; return who the visitor is then."""
    visitor.visit(path, page=page)
    who: str = page.evaluate("hedgerow.id()")
    return who


@pytest.fixture(params=list(SIGNALS.values()), ids=list(SIGNALS))
def signal(request: Any, visitor: Visitor) -> None:
    """The browser asks not to be followed, one way or the other."""
    visitor.context.add_init_script(request.param)


def test_nothing_is_kept_of_a_visitor_who_was_not_asked(visitor: Visitor) -> None:
    page = visitor.visit("/?hr=token")
    before = page.evaluate("hedgerow.id()")
    visitor.collector.wait("page")
    assert _kept(page) == {}
    assert _reload(visitor, page) != before
    second = visitor.collector.wait("page", 2)[1]
    assert "link" not in second["context"]
    assert visitor.context.cookies() == []


def test_consent_given_keeps_the_visit_so_far_and_knows_him_again(visitor: Visitor) -> None:
    page = visitor.visit("/?hr=token")
    before = page.evaluate("hedgerow.id()")
    page.evaluate("hedgerow.consent(true)")
    assert _kept(page) == {"hedgerow.id": before, "hedgerow.consent": "given", "hedgerow.link": "token"}
    assert _reload(visitor, page) == before
    views = visitor.collector.wait("page", 2)
    (given,) = visitor.collector.messages("Consent Given")
    assert {m["anonymousId"] for m in [*views, given]} == {before}
    assert [m["context"]["consent"] for m in (views[0], given, views[1])] == ["none", "given", "given"]
    assert views[1]["context"]["link"] == "token"
    assert page.evaluate("hedgerow.id()") == visitor.visit().evaluate("hedgerow.id()")


def test_consent_said_again_is_no_news(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("hedgerow.consent(true); hedgerow.consent(true)")
    _reload(visitor, page)
    page.evaluate("hedgerow.consent(true); hedgerow.track('After')")
    visitor.collector.wait("After")
    assert len(visitor.collector.messages("Consent Given")) == 1


def test_consent_withdrawn_is_said_by_the_old_id_and_forgets_it(visitor: Visitor) -> None:
    page = visitor.visit("/?hr=token")
    page.evaluate("hedgerow.consent(true)")
    before = page.evaluate("hedgerow.id()")
    page.evaluate("hedgerow.consent(false); hedgerow.consent(false); hedgerow.track('After')")
    (after,) = visitor.collector.wait("After")
    (withdrawn,) = visitor.collector.messages("Consent Withdrawn")
    assert withdrawn["anonymousId"] == before != after["anonymousId"]
    assert after["context"]["consent"] == "none"
    assert _kept(page) == {"hedgerow.consent": "withdrawn"}
    assert _reload(visitor, page) not in (before, after["anonymousId"])


def test_a_refusal_of_somebody_never_asked_before_is_remembered(visitor: Visitor) -> None:
    page = visitor.visit()
    before = page.evaluate("hedgerow.id()")
    page.evaluate("hedgerow.consent(false)")
    assert visitor.collector.wait("Consent Withdrawn")[0]["anonymousId"] == before
    assert page.evaluate("hedgerow.id()") != before
    assert _kept(page) == {"hedgerow.consent": "withdrawn"}


def test_consent_that_the_site_has_is_used_until_it_is_withdrawn(visitor: Visitor) -> None:
    visitor.put(attributes='data-consent="given"')
    page = visitor.visit()
    before = page.evaluate("hedgerow.id()")
    assert _kept(page) == {"hedgerow.id": before}
    assert _reload(visitor, page) == before
    page.evaluate("hedgerow.consent(false)")
    assert _reload(visitor, page) != before
    assert _kept(page) == {"hedgerow.consent": "withdrawn"}
    assert visitor.collector.wait("page", 3)[2]["context"]["consent"] == "none"


def test_only_a_plain_yes_is_consent(visitor: Visitor) -> None:
    page = visitor.visit()
    for said in ("undefined", "'false'", "1", "null", "{}"):
        page.evaluate(f"hedgerow.consent({said})")
        assert "hedgerow.id" not in _kept(page), said


def test_another_tab_follows_what_was_decided_in_this_one(visitor: Visitor) -> None:
    first, second = visitor.visit(), visitor.visit()
    first.evaluate("hedgerow.consent(true)")
    known = first.evaluate("hedgerow.id()")
    second.wait_for_function("localStorage['hedgerow.consent'] === 'given'")  # tabs hear of each other a moment later
    second.evaluate("hedgerow.track('Second')")
    assert visitor.collector.wait("Second")[0]["anonymousId"] == known
    first.evaluate("hedgerow.consent(false)")
    second.wait_for_function("localStorage['hedgerow.consent'] === 'withdrawn'")
    second.evaluate("hedgerow.track('Third')")
    third = visitor.collector.wait("Third")[0]
    assert (third["anonymousId"] == known, third["context"]["consent"]) == (False, "none")
    second.goto("about:blank")
    assert _kept(first) == {"hedgerow.consent": "withdrawn"}


def test_a_page_gone_back_to_knows_what_was_decided_since(visitor: Visitor) -> None:
    visitor.put("/two")
    page = visitor.visit()
    page.evaluate("hedgerow.consent(true)")
    known = page.evaluate("hedgerow.id()")
    visitor.visit("/two", page=page).evaluate("hedgerow.consent(false)")
    page.go_back(wait_until="commit")
    third = visitor.collector.wait("page", 3)[2]
    assert third["anonymousId"] != known
    assert _kept(page) == {"hedgerow.consent": "withdrawn"}


def test_nobody_is_identified_without_consent_and_the_console_says_so_once(visitor: Visitor) -> None:
    page = visitor.visit()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.evaluate("hedgerow.identify('u1', {}); hedgerow.identify('u1', {}); hedgerow.consent(true)")
    page.evaluate("hedgerow.identify('u1', {plan: 'pro'}); hedgerow.identify(null, {email: 'ann@example.org'})")
    known = visitor.collector.wait("identify", 2)
    assert [(m.get("userId"), m["traits"]) for m in known] == [
        ("u1", {"plan": "pro"}),
        (None, {"email": "ann@example.org"}),
    ]
    assert said == ["info: hedgerow: identify needs consent; call hedgerow.consent(true) first."]


@pytest.mark.usefixtures("signal")
def test_a_signal_is_honoured_until_consent_is_given_on_this_page(visitor: Visitor) -> None:
    visitor.put(attributes='data-consent="given"', body="<button data-hedgerow='Pressed'>Press</button>")
    page = visitor.visit("/?hr=token")
    page.click("button")
    page.evaluate("hedgerow.track('Called'); hedgerow.page(); hedgerow.consent(false)")
    page.wait_for_timeout(400)
    _reload(visitor, page)
    assert page.evaluate("hedgerow.share({channel: 'copy'})") == f"{visitor.site.address}/"
    assert visitor.collector.requests == []
    page.evaluate("hedgerow.consent(true); hedgerow.identify('u1', {})")
    visitor.collector.wait("Consent Given")
    assert [m["type"] for m in visitor.collector.messages()] == ["page", "track"]
    assert _kept(page) == {}
    known = page.evaluate("hedgerow.id()")
    page.evaluate("hedgerow.consent(false); hedgerow.track('Never')")
    assert visitor.collector.wait("Consent Withdrawn")[0]["anonymousId"] == known
    _reload(visitor, page)
    page.wait_for_timeout(400)
    assert [m.get("event") for m in visitor.collector.messages()] == [
        None, "Consent Given", "Consent Withdrawn",
    ]  # fmt: skip


@pytest.mark.usefixtures("signal")
def test_a_signal_removes_what_was_kept_before_it(visitor: Visitor) -> None:
    visitor.context.add_init_script(
        "if (origin !== 'null') Object.assign(localStorage, {'hedgerow.id': 'old', 'hedgerow.consent': 'given'})"
    )
    page = visitor.visit()
    assert page.evaluate("hedgerow.id()") != "old"
    assert "hedgerow.id" not in _kept(page)


def test_a_browser_that_forbids_storage_is_known_for_this_page_alone(visitor: Visitor) -> None:
    for area in ("localStorage", "sessionStorage"):
        visitor.context.add_init_script(
            f"Object.defineProperty(window, '{area}', {{get() {{ throw new DOMException('no', 'SecurityError') }}}})"
        )
    page = visitor.visit()
    before = page.evaluate("hedgerow.id()")
    page.evaluate("hedgerow.consent(true); hedgerow.identify('u1'); hedgerow.track('After')")
    visitor.collector.wait("After")
    assert {m["anonymousId"] for m in visitor.collector.messages()} == {before}
    assert len(visitor.collector.messages("identify")) == 1
    page.evaluate("hedgerow.consent(false)")
    assert page.evaluate("hedgerow.id()") != before


def test_what_joins_a_queue_that_could_not_be_sent_waits_with_it(visitor: Visitor) -> None:
    visitor.expected = ("503",)
    visitor.put(attributes='data-consent="given"')
    visitor.collector.statuses = [503, -1, -1]
    page = visitor.visit()
    visitor.collector.until(lambda: "hedgerow.queue" in _kept(page), "a queue that is kept")
    page.evaluate("hedgerow.track('Joins')")
    page.goto(visitor.site.address + "/else-where")
    visitor.collector.statuses = []
    _reload(visitor, page)
    assert len({m["messageId"] for m in visitor.collector.wait("Joins")}) == 1


def test_what_could_not_be_sent_waits_for_the_next_page_of_somebody_who_consented(visitor: Visitor) -> None:
    visitor.expected = ("503",)
    visitor.put(attributes='data-consent="given"')
    visitor.collector.statuses = [503] * 9
    page = visitor.visit()
    page.evaluate("hedgerow.track('Waits')")
    visitor.collector.until(lambda: "hedgerow.queue" in _kept(page), "a queue that is kept")
    page.goto(visitor.site.address + "/else-where")
    visitor.collector.statuses = []
    _reload(visitor, page)
    assert len({m["messageId"] for m in visitor.collector.wait("Waits")}) == 1
    visitor.collector.until(lambda: "hedgerow.queue" not in _kept(page), "an emptied queue")
