"""The pages of accounts: all of them, looked for and gone through, and one with its people, deals and reasons."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from hedgerow import mill
from hedgerow.ledger import Touch, Workspace
from hedgerow.people import all_accounts
from hedgerow.web import create_app
from tests.web.conftest import SignedIn, served, signed_context

START = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


def _touch(actor: str, *claims: str, at: int = 0, account: str | None = None, **said: str) -> Touch:
    return Touch(
        occurred_at=START + timedelta(days=at), source="crm", verb="identify", actor=actor, claims=claims,
        account=account, properties=json.dumps(said) if said else None,
    )  # fmt: skip


@pytest.fixture
def few(workspace: Workspace) -> Workspace:
    """Two companies of which one owns the other, and somebody who went from one to the other."""
    workspace.inbox.accept(
        [
            _touch("account:7", "domain:bramble.example", name="Bramble Foods", parent="tidewater.example"),
            _touch("account:8", "domain:bücher.example", name=HOSTILE),
            _touch("crm:1", "email:ann@bramble.example", at=1, role="Cook"),
            _touch("crm:1", "email:ann@tidewater.example", at=9),
            _touch("account:9", "domain:tidewater.example", "company:Tidewater"),
            _touch("account:10", "domain:tidewater.example"),
        ]
    )
    mill.turn(workspace)
    return workspace


@pytest.fixture
def pages(few: Workspace, signed_in: SignedIn) -> TestClient:
    return signed_in(create_app(few), "viewer")


def _number(workspace: Workspace, search: str) -> int:
    return int(all_accounts(workspace, search)["account"][0].as_py())


def test_the_pages_of_accounts_show_people_over_time_and_reasons(pages: TestClient, few: Workspace) -> None:
    listed = pages.get("/accounts").text
    assert "Bramble Foods" in listed and "tidewater.example" in listed and "bücher.example" in listed
    bramble = pages.get(f"/accounts/{_number(few, 'bramble foods')}").text
    assert "belongs to <a" in bramble
    assert "ann@" in bramble and "2026-03-02" in bramble and "2026-03-10" in bramble
    assert "account:7 and company:bramblefoods" in bramble or "company:bramblefoods and account:7" in bramble
    tidewater = pages.get(f"/accounts/{_number(few, 'domain:tidewater')}").text
    assert "Owns <a" in tidewater
    assert "not in force, since it would make two accounts one" in tidewater


def test_hostile_names_of_companies_are_escaped(pages: TestClient, few: Workspace) -> None:
    for path in ("/accounts", "/accounts?search=<script>", f"/accounts/{_number(few, 'bücher')}"):
        page = pages.get(path).text
        assert HOSTILE not in page and "&lt;script&gt;" in page, path


def test_an_account_is_looked_for_by_any_of_its_identifiers(pages: TestClient) -> None:
    for search in ("BRAMBLE F", "bramble.ex", "account:7"):
        found = pages.get("/accounts", params={"search": search}, headers={"HX-Request": "true"}).text
        assert "1 account<" in found and "<html" not in found, search
    assert "No account has “nobody” in it" in pages.get("/accounts?search=nobody").text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/accounts/acme", "No account is called &#39;acme&#39;"),
        ("/accounts/999999", "There is no account 999999"),
        ("/accounts/99999999999999999999999", "No account is called"),
        ("/accounts?page=0", "There is no page &#39;0&#39;: use 1 to 1."),
        ("/accounts?page=x", "There is no page &#39;x&#39;"),
    ],
)
def test_a_bad_address_of_an_account_is_answered_with_a_sentence(pages: TestClient, path: str, says: str) -> None:
    page = pages.get(path)
    assert page.status_code == 400
    assert says in page.text


def test_without_companies_the_page_says_what_to_do(workspace: Workspace, signed_in: SignedIn) -> None:
    assert "hedgerow import touches" in signed_in(create_app(workspace)).get("/accounts").text


@pytest.fixture
def address(few: Workspace) -> Iterator[str]:
    with served(create_app(few)) as address:
        yield address


def test_the_pages_of_accounts_fit_and_raise_no_error(browser: Browser, address: str, few: Workspace) -> None:
    errors: list[str] = []
    for width, theme in ((1440, "light"), (390, "dark")):
        size = {"width": width, "height": 900}
        context = signed_context(browser, address, few, "viewer", viewport=size, color_scheme=theme)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        for path in ("/accounts", f"/accounts/{_number(few, 'bramble foods')}"):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto(f"{address}/accounts")
        page.get_by_label("Name, domain or id").fill("bramble")
        page.wait_for_url("**search=bramble**")
        page.get_by_role("heading", name="1 account", exact=True).wait_for()
        context.close()
    assert errors == []
