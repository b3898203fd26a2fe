"""The pages in a real browser: no error, no sideways scroll, charts drawn, in both themes and both widths."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext

from hedgerow.ledger import Workspace
from hedgerow.web import create_app
from tests.web.conftest import served, signed_context

PAGES = ("/", "/measures/credit_by_channel", "/measures/touches_by_channel", "/measures/nothing")


@pytest.fixture
def address(village_workspace: Workspace) -> Iterator[str]:
    with served(create_app(village_workspace)) as address:
        yield address


@pytest.fixture
def reader(browser: Browser, address: str, village_workspace: Workspace) -> Callable[..., BrowserContext]:
    return partial(signed_context, browser, address, village_workspace, "viewer")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_raise_no_error(
    address: str, reader: Callable[..., BrowserContext], theme: str, width: int
) -> None:
    context = reader(viewport={"width": width, "height": 900}, color_scheme=theme)
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


def test_asking_again_changes_the_answer_and_the_address_without_a_new_page(
    address: str, reader: Callable[..., BrowserContext]
) -> None:
    page = reader().new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    page.evaluate("window.same = true")
    page.select_option("select[name=model]", "linear")
    page.wait_for_url("**model=linear**")
    page.wait_for_function(
        "[...document.querySelectorAll('tbody td:first-child')].every(c => c.textContent === 'linear')"
    )
    assert page.evaluate("window.same") is True
    assert page.locator("[data-chart] canvas").count() == 1
    page.context.close()


def test_a_column_is_sorted_by_its_head(address: str, reader: Callable[..., BrowserContext]) -> None:
    page = reader().new_page()
    page.goto(f"{address}/measures/path_length")
    page.focus("#sort-outcomes")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=descending]")
    counts = [float(text.replace(",", "")) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.evaluate("document.activeElement.id") == "sort-outcomes"
    page.context.close()


def test_going_back_shows_the_answer_before_with_its_chart(address: str, reader: Callable[..., BrowserContext]) -> None:
    page = reader().new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    page.select_option("select[name=model]", "linear")
    page.wait_for_url("**model=linear**")
    page.go_back()
    page.wait_for_selector("[data-chart] canvas")
    assert page.input_value("select[name=model]") == ""
    assert page.locator("header.top").count() == 1
    page.context.close()


def test_a_series_is_hidden_by_its_button_in_the_legend(address: str, reader: Callable[..., BrowserContext]) -> None:
    page = reader().new_page()
    page.goto(f"{address}/measures/credit_by_channel")
    button = page.get_by_role("button", name="linear", exact=True)
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    page.context.close()
