"""A visitor: a real Chromium with a site to visit and a collector that records; every error it meets fails the test."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.collect.http.site.recording import Collector, Site, served

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP site.test 127.0.0.1",
]  # fmt: skip
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>{head}
<script async src="{collector}/hedgerow.js" data-key="wk_test" {attributes}></script><body>{body}"""


class Visitor:
    """A browser context, the site it visits and the collector that hears of it."""

    def __init__(self, context: BrowserContext, site: Site, collector: Collector) -> None:
        self.context, self.site, self.collector = context, site, collector
        self.errors: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)

    def put(self, path: str = "/", body: str = "", **rest: Any) -> None:
        """Put a page on the site: its title, head, the script's attributes, and its HTTP headers as named."""
        headers = rest.pop("headers", {})
        shape = {"title": "Home", "head": "", "attributes": "", "collector": self.collector.address, **rest}
        self.site.pages[path] = PAGE.format(body=body, **shape), headers

    def visit(self, path: str = "/", host: str = "127.0.0.1", page: Page | None = None, **rest: Any) -> Page:
        """Open `path` in a tab (a new one unless given), where the script has run; return the tab."""
        page = page or self.context.new_page()
        page.goto(self.site.address.replace("127.0.0.1", host) + path, **rest)
        page.wait_for_function("Boolean(window.hedgerow && hedgerow.track)")
        return page


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium that keeps pages gone back from alive, as it does for its users."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield launched
        launched.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """A visitor who was never here, on a site with a page at `/`."""
    site, collector = Site(), Collector()
    context = browser.new_context()
    with served(site), served(collector):
        visitor = Visitor(context, site, collector)
        visitor.put()
        yield visitor
        context.close()
    unexpected = [said for said in visitor.errors if not any(word in said for word in visitor.expected)]
    assert unexpected == []
    assert [r.method for r in collector.requests if r.method != "POST"] == []
