"""Marked clicks and forms: what they tell, and what they never do."""

import json

from playwright.sync_api import Page

from tests.collect.http.site.conftest import Visitor

FORM = """
<form id="trial" name="other" action="/thanks" data-hedgerow="Trial Asked">
  <input name="name" value="Ann Hill"><input name="id" value="7">
  <input type="email" name="work" value="ann@example.org"><input type="tel" name="phone" value="+49 30 1">
  <input type="password" name="secret" value="hunter2">
  <input type="password" name="shown" autocomplete="current-password" value="hunter3">
  <input name="number" autocomplete="section-a cc-number" value="4111111111111111">
  <input name="verify" autocomplete="CC-CSC" value="123">
  <input type="hidden" name="csrf" value="token-1"><input type="file" name="cv">
  <input name="mine" data-hedgerow-ignore value="private-1">
  <fieldset data-hedgerow-ignore><input name="ours" value="private-2"></fieldset>
  <input type="checkbox" name="topic" value="a" checked><input type="checkbox" name="topic" value="b" checked>
  <input type="checkbox" name="topic" value="c"><input name="off" disabled value="x">
  <select name="size"><option>1-10</option><option selected>11-50</option></select>
  <textarea name="message">Hello</textarea><button name="go" value="1">Send</button>
</form><input name="outside" form="trial" value="yes">
"""


def _goes_away(page: Page, selector: str) -> None:
    page.evaluate("s => document.querySelector(s).click()", selector)
    page.wait_for_url("**/thanks*")


def test_a_marked_click_tells_its_name_text_address_and_marks(visitor: Visitor) -> None:
    visitor.put(
        body="""<a href="#plans" data-hedgerow="Plan Chosen" data-hedgerow-plan="pro" data-other="x">
        See <b>plans</b> </a><a href="#else" id="else">Else</a><div data-hedgerow><i id="deep">deep</i></div>"""
    )
    page = visitor.visit()
    page.click("#else")
    page.click("b")
    page.click("#deep")
    visitor.collector.wait("Clicked")
    plan, deep = visitor.collector.messages("track")
    href = f"{visitor.site.address}/#plans"
    assert (plan["event"], plan["properties"]) == ("Plan Chosen", {"text": "See plans", "href": href, "plan": "pro"})
    assert deep["properties"] == {"text": "deep"}


def test_a_marked_click_is_told_though_the_page_stops_it(visitor: Visitor) -> None:
    visitor.put(body="<button data-hedgerow='Pressed' onclick='event.stopPropagation()'>Press</button>")
    visitor.visit().click("button")
    visitor.collector.wait("Pressed")


def test_a_marked_click_that_leaves_the_page_at_once_is_not_lost(visitor: Visitor) -> None:
    visitor.put(body="<a href='/thanks' data-hedgerow='Left'>Go</a>")
    page = visitor.visit()
    _goes_away(page, "a")
    assert visitor.collector.wait("Left")[0]["properties"]["href"].endswith("/thanks")


def test_a_marked_link_opened_in_a_new_tab_is_a_click(visitor: Visitor) -> None:
    visitor.put(body="<a href='/thanks' data-hedgerow='Opened'>Go</a>")
    page = visitor.visit()
    page.click("a", button="middle")
    page.click("a", button="right")
    visitor.collector.wait("Opened")
    page.wait_for_timeout(400)
    assert len(visitor.collector.messages("Opened")) == 1


def test_a_form_that_leaves_the_page_tells_its_fields_and_none_of_its_secrets(visitor: Visitor) -> None:
    visitor.put(body=FORM)
    page = visitor.visit()
    page.evaluate("document.querySelector('[name=shown]').type = 'text'")  # as a button that shows the password does
    _goes_away(page, "button")
    (asked,) = visitor.collector.wait("Trial Asked")
    assert asked["properties"] == {
        "form": "trial",
        "fields": {
            "name": "Ann Hill",
            "id": "7",
            "work": "ann@example.org",
            "phone": "+49 30 1",
            "topic": ["a", "b"],
            "size": "11-50",
            "message": "Hello",
            "outside": "yes",
        },
    }
    sent = json.dumps([request.stated for request in visitor.collector.requests])
    secrets = ("hunter", "4111", "123", "token-1", "private-")
    assert [secret for secret in secrets if f'"{secret}' in sent] == []
    assert visitor.collector.messages("identify") == []


def test_clicking_in_a_marked_form_is_not_submitting_it(visitor: Visitor) -> None:
    visitor.put(body=FORM + "<form><input name='plain' value='x'><button id='plain' type='submit'>Go</button></form>")
    page = visitor.visit()
    page.click("textarea")
    page.click("#plain")
    visitor.collector.wait("Page Left")
    assert {m.get("event") for m in visitor.collector.messages("track")} == {"Page Left"}


def test_a_form_of_somebody_who_consented_identifies_him(visitor: Visitor) -> None:
    visitor.put(body=FORM, attributes='data-consent="given"')
    _goes_away(visitor.visit(), "button")
    (known,) = visitor.collector.wait("identify")
    (asked,) = visitor.collector.messages("Trial Asked")
    assert known["traits"] == {"email": "ann@example.org", "name": "Ann Hill", "phone": "+49 30 1"}
    assert known["anonymousId"] == asked["anonymousId"]


def test_a_form_that_the_page_sends_itself_is_told_under_its_default_name(visitor: Visitor) -> None:
    visitor.put(
        attributes='data-consent="given"',
        body="""<form name="news" data-hedgerow novalidate onsubmit="event.preventDefault()">
        <input type="email" name="mail" value="not a mail"><input type="email" name="cc" value="">
        <button>Send</button></form>""",
    )
    page = visitor.visit()
    page.click("button")
    (sent,) = visitor.collector.wait("Form Submitted")
    assert sent["properties"] == {"form": "news", "fields": {"mail": "not a mail", "cc": ""}}
    assert visitor.collector.messages("identify") == []
