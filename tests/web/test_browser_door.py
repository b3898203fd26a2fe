"""Signing in and writing in a real browser: forms, headers and cookies as it sends them, and pages that fit."""

from collections.abc import Iterator

import msgspec
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from hedgerow import mill
from hedgerow.access import add_user, find_key, first_link, keys, make_key, sessions, users
from hedgerow.ledger import Dropped, Purpose, Request, Workspace, make_link
from hedgerow.web import create_app
from tests.web.conftest import served, signed_context

PASSWORD = "a hedge of hawthorn and hazel"


@pytest.fixture
def app(workspace: Workspace) -> FastAPI:
    return create_app(workspace)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


def test_a_first_account_is_made_signed_out_and_in_again(address: str, browser: Browser, workspace: Workspace) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(first_link(workspace, address) or "")
    page.get_by_label("Your name").fill("Ann Lee")
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill("password2026")
    page.get_by_role("button", name="Make the account").click()
    assert "first that are guessed" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Your name").input_value() == "Ann Lee"
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    assert page.get_by_label("Password", exact=True).get_attribute("type") == "text"
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("link", name="Ann Lee").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    for hostile in ("/\t/evil.invalid/", "/\\evil.invalid/"):
        page.goto(f"{address}/sign-in")
        page.locator("[name=next]").evaluate("(field, path) => { field.value = path; }", hostile)
        page.get_by_label("E-mail").fill("ann@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{address}/sign-in")
    assert [user.name for user in users(workspace)] == ["Ann Lee"]
    assert sessions(workspace) == []
    context.close()


def test_a_write_by_htmx_carries_the_token_of_the_page(address: str, browser: Browser, workspace: Workspace) -> None:
    context = signed_context(browser, address, workspace)
    page = context.new_page()
    page.goto(f"{address}/keys")
    page.evaluate(
        """() => {
          document.querySelector("main").insertAdjacentHTML("beforeend",
            `<button id="try" hx-post="/keys" hx-vals='{"act": "make", "name": "shop", "rate": "1"}'>Try</button>`);
          htmx.process(document.querySelector("#try"));
        }"""
    )
    with page.expect_response("**/keys") as answered:
        page.click("#try")
    assert answered.value.status == 303
    assert answered.value.request.headers["x-csrf-token"]
    assert find_key(workspace, "shop").rate == 1
    context.close()


def test_another_page_on_this_machine_can_not_write(address: str, browser: Browser, workspace: Workspace) -> None:
    context = signed_context(browser, address, workspace)
    page = context.new_page()
    # The cookie goes to every port of a machine, so a page on another one is the stranger that gets nearest.
    page.route("http://127.0.0.1:9/*", lambda route: route.fulfill(content_type="text/html", body=f"""
        <form method="post" action="{address}/keys"><input name="act" value="make"><input name="name" value="shop">
        <input name="rate" value="1"><button>Win</button></form>"""))  # fmt: skip
    page.goto("http://127.0.0.1:9/")
    with page.expect_response(f"{address}/keys") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
    assert "was not sent from a page of Hedgerow" in page.locator("main").inner_text()
    assert keys(workspace) == []
    context.close()


def test_a_key_is_copied(address: str, browser: Browser, workspace: Workspace) -> None:
    made = make_key(workspace, "shop", ["shop.example"])
    context = signed_context(browser, address, workspace, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/keys?fresh=shop")
    page.get_by_role("button", name="Copy the script tag of shop").click()
    page.get_by_text("Copied").wait_for()
    tag = f'<script async src="http://127.0.0.1:8401/hedgerow.js" data-key="{made.key}"></script>'
    assert page.evaluate("navigator.clipboard.readText()") == tag
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_of_access_fit_and_raise_no_error(
    address: str, browser: Browser, workspace: Workspace, theme: str, width: int
) -> None:
    make_key(
        workspace,
        "a-key-with-a-name-as-long-as-a-name-may-be-for-those-who-do-it",
        [f"{n}.example" for n in "abcdefgh"],
    )
    add_user(workspace, f"{'long' * 20}@{'example' * 9}.org", "W" * 80, "sales")
    purpose = Purpose(channel="W" * 80, content="post" * 40, sharer=f"anonymous:{'x' * 200}")
    make_link(workspace, f"https://acme.example/{'deep/' * 100}", "key:website", purpose)
    fault = Dropped("it is not what it should be" * 5, f'{{"event":"{"E" * 900}"}}', "segment", "{}")
    workspace.inbox.commit([Request("drop", "", msgspec.json.encode(fault), 1_795_325_220_000_000)])
    mill.turn(workspace)
    viewport = {"width": width, "height": 900}
    context = signed_context(browser, address, workspace, viewport=viewport, color_scheme=theme)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text))
    for path in ("/keys", "/users", "/me", "/links", "/faults"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        for fold in page.locator("main details").all():
            fold.evaluate("each => { each.open = true; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        unnamed = "[...document.querySelectorAll('main :is(input:not([type=hidden], [hidden]), select)')]"
        assert page.evaluate(f"{unnamed}.filter(e => !e.labels.length && !e.ariaLabel).map(e => e.name)") == [], path
    assert errors == []
    context.close()
