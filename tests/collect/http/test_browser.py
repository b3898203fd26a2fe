"""Segment's client for browsers in Chromium, on a page of another site than the door's."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hedgerow.access import Key
from tests.collect.http.conftest import Collecting
from tests.collect.http.expecting import Case, cases, expect, touch_id
from tests.collect.http.faulty import Proxy, faulty
from tests.serving import Site, page, path_of, serving

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATH = "/shop?q=kettle&utm_source=news&utm_medium=email&utm_campaign=spring"
BATCHING = {"strategy": "batching", "config": {"size": 3, "timeout": 200}}
SLOW_BATCHING = {"strategy": "batching", "config": {"size": 50, "timeout": 60_000}}
SOON = {"backoffConfig": {"baseBackoffInterval": 0.1}}
"""How soon the client tries again: the least that it can be told."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    if not CHROMIUM:
        pytest.skip("chromium is not on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def site(packages: Path) -> Iterator[Site]:
    """A site of another origin, with the client on its pages."""
    client = (packages / "@segment/analytics-next/dist/umd/index.js").read_bytes()
    body = (Path(__file__).parent / "page.html").read_bytes()

    def answer(request: bytes) -> Iterable[bytes]:
        yield page(client, "text/javascript") if path_of(request) == "/client.js" else page(body)

    with serving(answer) as served:
        yield served


@pytest.fixture
def shop(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of the site, in a profile of its own."""
    with browser.new_context(locale="en-US", timezone_id="Europe/Berlin") as context:
        shown = context.new_page()
        shown.goto(site.url(PATH, "localhost"), referer="https://search.example/")
        yield shown


@pytest.mark.parametrize("delivery", [None, BATCHING], ids=["standard", "batching"])
def test_all_that_a_page_can_say_arrives_as_it_was_said(
    delivery: dict[str, Any] | None, collecting: Collecting, shop: Page
) -> None:
    key, url, agent = collecting.key("site", ("localhost",)), shop.url, shop.evaluate("navigator.userAgent")
    wanted = [_on_page(case, url, agent) for case in cases("browser.yaml")]
    _load(shop, collecting.url, key, delivery)
    ids = [shop.evaluate("send", case.call) for case in wanted]
    _wait(lambda: len(collecting.touches()) == len(ids))
    expect(collecting.touches(), key, wanted, ids, lambda properties: _take_page(properties, url, agent))
    assert not collecting.drops()


def test_the_address_of_the_settings_is_all_that_a_page_must_know(collecting: Collecting, shop: Page) -> None:
    key, asked = collecting.key("site", ("localhost",)), list[str]()
    shop.on("request", lambda request: asked.append(request.url))
    shop.clock.install()
    shop.evaluate("([key, url]) => load({ writeKey: key, cdnURL: url })", [key.key, collecting.url])
    id_ = shop.evaluate("send", ["track", "Signed Up"])
    shop.clock.fast_forward(40_000)
    assert [touch["touch_id"] for touch in collecting.touches()] == [touch_id(key, id_)]
    assert {url for url in asked if not url.startswith(collecting.url)} == set()


@pytest.mark.parametrize("leaving", ["closed", "left"])
def test_what_waits_for_its_batch_is_sent_when_the_tab_is_left(
    leaving: str, collecting: Collecting, shop: Page, site: Site
) -> None:
    key = collecting.key("site", ("localhost",))
    _load(shop, collecting.url, key, SLOW_BATCHING)
    ids = [shop.evaluate("send", ["track", f"Step {number}", {"much": "ü" * 1_000}]) for number in range(5)]
    assert not collecting.touches()
    if leaving == "closed":
        shop.close(run_before_unload=True)
    else:
        shop.goto(site.url("/elsewhere", "127.0.0.1"))
    _wait(lambda: _has(collecting, key, ids))


def test_what_was_on_its_way_when_the_tab_was_left_is_there_once(
    collecting: Collecting, shop: Page, site: Site
) -> None:
    key = collecting.key("site", ("localhost",))
    _load(shop, collecting.url, key)
    shop.evaluate("{ for (let n = 0; n < 20; n++) send(['track', 'Step', { n }]) }")
    shop.goto(site.url("/next", "localhost"))
    _load(shop, collecting.url, key)
    _wait(lambda: len(collecting.touches()) == 20)
    numbers = [json.loads(touch["properties"])["n"] for touch in collecting.touches()]
    assert sorted(numbers) == list(range(20))


@pytest.mark.parametrize("delivery", [None, BATCHING], ids=["standard", "batching"])
def test_what_a_page_sent_while_things_went_wrong_is_there_once(
    delivery: dict[str, Any] | None, collecting: Collecting, browser: Browser, site: Site
) -> None:
    key, series = collecting.key("site", ("localhost",)), [["429"], ["500", "503"], ["cut body"], ["cut answer"]]
    with faulty(collecting.port, *(["", *faults] for faults in series)) as proxies:
        ids = [_tracked(browser, site, proxy, key, delivery) for proxy in proxies]
        _wait(lambda: all(len(proxy.asked) > len(faults) + 1 for proxy, faults in zip(proxies, series, strict=True)))
        _wait(lambda: _has(collecting, key, ids))
        for context in list(browser.contexts):
            context.close()


def test_a_page_can_read_how_long_to_wait(collecting: Collecting, shop: Page) -> None:
    key = collecting.key("site", ("localhost",), rate=1)
    message = {"type": "track", "anonymousId": "a-1", "event": "Step"}
    body = json.dumps({"writeKey": key.key, "batch": [message] * 12})
    ask = "async ([url, body]) => { const a = await fetch(url, { method: 'post', body }); return [a.status, %s] }"
    told = ask % "a.headers.get('Retry-After')"
    assert shop.evaluate(told, [f"{collecting.url}/v1/b", body]) == [200, None]
    status, wait = shop.evaluate(told, [f"{collecting.url}/v1/b", body])
    assert status == 429
    assert 1 <= int(wait) <= 3


def test_a_page_of_another_site_sends_nothing(collecting: Collecting, shop: Page) -> None:
    key = collecting.key("site", ("example.org",))
    with pytest.raises(Exception, match=re.compile("fetch|site", re.IGNORECASE)):
        _load(shop, collecting.url, key)
    assert not collecting.touches()


def _load(shop: Page, url: str, key: Key, delivery: dict[str, Any] | None = None) -> None:
    """Load the client on a page, so that it sends to `url`."""
    own: dict[str, Any] = {"apiHost": f"{url.removeprefix('http://')}/v1", "protocol": "http", "httpConfig": SOON}
    if delivery:
        own["deliveryStrategy"] = delivery
    loaded = {"writeKey": key.key, "cdnURL": url}, {"integrations": {"Segment.io": own}}
    shop.evaluate("([settings, options]) => load(settings, options)", loaded)


def _tracked(browser: Browser, site: Site, proxy: Proxy, key: Key, delivery: dict[str, Any] | None) -> str:
    shown = browser.new_context().new_page()
    shown.goto(site.url(PATH, "localhost"))
    _load(shown, proxy.url, key, delivery)
    id_: str = shown.evaluate("send", ["track", "Signed Up"])
    return id_


def _on_page(case: Case, url: str, agent: str) -> Case:
    """Return a case with what its page adds to it."""
    where = {"url": url, "referrer": "https://search.example/", "medium": "email", "campaign": "spring"}
    columns = where | {"language": "en-US", "user_agent": agent} | case.touch
    columns["properties"] = {"context": {}} | case.touch["properties"]
    return replace(case, touch=columns)


def _take_page(properties: dict[str, Any], url: str, agent: str) -> None:
    """Take out of a touch's properties what the client adds to each, after a look at it."""
    context, search = properties["context"], PATH.partition("?")[2]
    where = {"path": "/shop", "search": f"?{search}", "url": url, "referrer": "https://search.example/"}
    assert context.pop("page") == where | {"title": properties.get("title", "Käse & Kessel")}
    assert context.pop("campaign") == {"source": "news", "medium": "email", "name": "spring"}
    assert context.pop("library")["name"] == "analytics.js"
    assert context.pop("userAgent") == agent
    assert context.pop("timezone") == "Europe/Berlin"
    assert context.pop("locale") in ("en-US", "de-DE")
    context.pop("userAgentData", None)
    for name, value in where.items():
        assert properties.pop(name, value) == value
    if properties.get("title") == "Käse & Kessel":
        properties.pop("title")


def _has(collecting: Collecting, key: Key, ids: list[str]) -> bool:
    return sorted(touch["touch_id"] for touch in collecting.touches()) == sorted(touch_id(key, id_) for id_ in ids)


def _wait(fact: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.05)
