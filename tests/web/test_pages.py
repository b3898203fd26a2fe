"""The pages: questions with their tables, what lies behind each number, and nothing that trusts the outside."""

import re

import pytest
from starlette.testclient import TestClient

from hedgerow import mill
from hedgerow.kit import clock
from hedgerow.ledger import Touch, Workspace
from hedgerow.measures import shelf
from hedgerow.web import create_app
from tests.web.conftest import SignedIn


@pytest.fixture
def pages(village_workspace: Workspace, signed_in: SignedIn) -> TestClient:
    return signed_in(create_app(village_workspace))


@pytest.fixture
def empty(workspace: Workspace, signed_in: SignedIn) -> TestClient:
    return signed_in(create_app(workspace))


@pytest.mark.parametrize("name", shelf())
def test_every_measure_has_a_page_with_its_question_and_table(pages: TestClient, name: str) -> None:
    page = pages.get(f"/measures/{name}")
    assert page.status_code == 200
    question = shelf()[name].question
    assert f"<h1>{question}</h1>" in page.text
    assert "<table" in page.text
    assert 'role="img" aria-label=' in page.text


@pytest.mark.parametrize("name", shelf())
def test_every_page_of_an_empty_workspace_says_what_to_do_next(empty: TestClient, name: str) -> None:
    page = empty.get(f"/measures/{name}")
    assert page.status_code == 200
    assert "hedgerow import touches" in page.text or "<table" in page.text
    assert "hedgerow import guess" in empty.get("/").text


def test_every_number_of_credit_opens_to_touches_that_earned(pages: TestClient) -> None:
    page = pages.get("/measures/credit_by_channel?model=linear").text
    links = re.findall(r'<td class="number"><a href="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 10
    behind = pages.get(links[0][0].replace("&amp;", "&"))
    assert behind.status_code == 200
    assert "earned" in behind.text
    assert behind.text.count("<tr id=") > 0
    value = links[1][1]
    assert f"which earned {value} together" in behind.text


def test_a_request_by_htmx_gets_the_answer_alone(pages: TestClient) -> None:
    whole = pages.get("/measures/path_length").text
    part = pages.get("/measures/path_length", headers={"HX-Request": "true"}).text
    assert "<html" in whole
    assert "<html" not in part
    assert part.strip() in whole.replace("\n\n", "\n") or "<table" in part


def test_what_there_is_none_of_is_said_to_be_none(pages: TestClient) -> None:
    page = pages.get("/measures/cost_per_lead").text
    assert re.search(r'<td class="number none">none</td>', page)


def test_a_request_by_htmx_for_a_page_without_a_part_gets_it_whole(pages: TestClient) -> None:
    assert "<html" in pages.get("/", headers={"HX-Request": "true"}).text
    restored = pages.get("/measures/paths", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_a_table_is_sorted_as_a_whole_and_paged(pages: TestClient) -> None:
    path = "/measures/touches_by_channel"
    rows = pages.get("/api" + path).json()
    first = pages.get(f"{path}?sort=touches&order=descending").text
    assert 'aria-sort="descending"' in first
    assert _numbers(first)[0] == max(row["touches"] for row in rows) > 100
    assert f"Rows 101 to 200 of {len(rows):,}" in pages.get(f"{path}?sort=touches&order=descending&page=2").text
    assert min(_numbers(first)) >= max(_numbers(pages.get(f"{path}?sort=touches&order=descending&page=2").text))


def test_what_there_is_none_of_comes_last_however_it_is_sorted(pages: TestClient) -> None:
    for order in ("ascending", "descending"):
        page = pages.get(f"/measures/cost_per_lead?sort=cost_per_lead&order={order}").text
        cells = re.findall(r'<td class="number( none)?">', page)[2::3]
        assert cells == sorted(cells)
        assert " none" in cells


def _numbers(page: str) -> list[int]:
    return [int(text.replace(",", "")) for text in re.findall(r'<td class="number"><a [^>]+>([\d,]+)</a>', page)[::2]]


def test_touches_behind_a_day_lie_on_it_in_the_workspaces_zone(pages: TestClient) -> None:
    page = pages.get("/measures/touches_by_channel/behind?row.day=2026-01-06&row.channel=Organic Social").text
    days = set(re.findall(r'<td class="when">(\d{4}-\d\d-\d\d)', page))
    assert days == {"2026-01-06"}
    assert "when (Europe/Berlin)" in page


def test_no_page_allows_inline_script_or_another_site(pages: TestClient) -> None:
    page = pages.get("/measures/credit_by_channel")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"\sstyle=|\son\w+=", page.text)


def test_a_request_for_another_host_is_refused(pages: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost:8400@evil.example", ""):
        refused = pages.get("/", headers={"Host": host})
        assert refused.status_code == 400, host
        assert refused.json()["error"].endswith("use one.")
        assert "content-security-policy" in refused.headers
    for host in ("localhost:8400", "127.0.0.1", "[::1]:8400"):
        assert pages.get("/healthz", headers={"Host": host}).status_code == 200, host


def test_hostile_text_is_escaped_everywhere(workspace: Workspace, signed_in: SignedIn) -> None:
    hostile = '<script>alert("x")</script>'
    touch = Touch(
        occurred_at=clock.now(), source="web", verb="view", actor=f"anonymous:{hostile}", channel=hostile, title=hostile
    )
    workspace.inbox.accept([touch])
    mill.turn(workspace)
    client = signed_in(create_app(workspace))
    page = client.get("/measures/touches_by_channel").text
    assert "&lt;script&gt;" in page
    assert hostile not in page
    link = re.search(r'<td class="number"><a href="([^"]+)"', page)
    assert link
    assert hostile not in client.get(link.group(1).replace("&amp;", "&")).text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/measures/credit_by_chanel", "Did you mean &#39;credit_by_channel&#39;"),
        ("/measures/path_length?since=gestern", "is no day"),
        ("/measures/path_length/behind", "No touches lie behind"),
        ("/nowhere", "There is no such page"),
        ("/measures/paths?sort=path_", "Did you mean &#39;path&#39;"),
        ("/measures/paths?sort=path&order=up", "No order is called &#39;up&#39;"),
        ("/measures/path_length?page=9", "There is no page &#39;9&#39;"),
    ],
)
def test_a_bad_address_is_answered_with_a_sentence(pages: TestClient, path: str, says: str) -> None:
    page = pages.get(path)
    assert page.status_code in (400, 404)
    assert says in page.text


def test_the_api_gives_the_same_rows_and_errors_of_one_shape(pages: TestClient) -> None:
    assert [each["name"] for each in pages.get("/api/measures").json()] == list(shelf())
    rows = pages.get("/api/measures/credit_by_channel", params={"model": "linear"}).json()
    assert {"model", "channel", "currency", "conversions", "value"} == set(rows[0])
    assert pages.get("/api/measures/nothing").json()["error"].startswith("No measure is called")
    assert pages.get("/api/measures/nothing").status_code == 404
    misread = pages.get("/api/measures/paths", params={"since": "gestern"})
    assert (misread.status_code, set(misread.json())) == (400, {"error"})
    assert "'gestern' is no value for since" in misread.json()["error"]
    assert pages.get("/openapi.json").json()["info"]["title"] == "Hedgerow"
    assert pages.get("/api/measures/paths", params={"format": "csv"}).text.startswith("path,journeys")


def test_assets_are_kept_for_ever_under_an_address_of_their_content(pages: TestClient) -> None:
    links = re.findall(r'(?:src|href)="(/assets/[^"]+)"', pages.get("/").text)
    assert len(links) >= 5
    for link in links:
        kept = pages.get(link)
        assert kept.status_code == 200
        assert "immutable" in kept.headers["cache-control"]
