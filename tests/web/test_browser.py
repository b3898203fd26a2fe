"""The pages in a real browser: no error, no sideways scroll, charts drawn, in both themes and both widths."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from hedgerow.ledger import Workspace
from hedgerow.web import create_app

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
PAGES = ("/", "/measures/credit_by_channel", "/measures/touches_by_channel", "/measures/nothing")


@pytest.fixture
def address(village_workspace: Workspace) -> Iterator[str]:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(village_workspace), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    bound.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_raise_no_error(address: str, browser: Browser, theme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Security Policy" in said.text else None)
    for path in PAGES:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if "nothing" not in path:
            assert page.locator("[data-chart] canvas").count() >= 1, path
    assert errors == []
    context.close()


def test_asking_again_changes_the_answer_and_the_address_without_a_new_page(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    page.evaluate("window.same = true")
    page.select_option("select[name=model]", "linear")
    page.wait_for_url("**model=linear**")
    page.wait_for_function(
        "[...document.querySelectorAll('tbody td:first-child')].every(c => c.textContent === 'linear')"
    )
    assert page.evaluate("window.same") is True
    assert page.locator("[data-chart] canvas").count() == 1
    page.close()


def test_a_column_is_sorted_by_its_head(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/measures/path_length")
    page.focus("#sort-outcomes")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=descending]")
    counts = [float(text.replace(",", "")) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.evaluate("document.activeElement.id") == "sort-outcomes"
    page.close()


def test_going_back_shows_the_answer_before_with_its_chart(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    page.select_option("select[name=model]", "linear")
    page.wait_for_url("**model=linear**")
    page.go_back()
    page.wait_for_selector("[data-chart] canvas")
    assert page.input_value("select[name=model]") == ""
    assert page.locator("header.top").count() == 1
    page.close()


def test_a_series_is_hidden_by_its_button_in_the_legend(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    button = page.get_by_role("button", name="linear", exact=True)
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    page.close()
