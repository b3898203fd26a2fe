"""Asking for a score: the command and the pages say the same, in words, and trust nothing from outside."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from hedgerow import mill
from hedgerow.cli import build
from hedgerow.cli.verb import OUT
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Touch, Workspace, create_workspace
from hedgerow.score import explain, names_of, person_of, ranked
from hedgerow.web import create_app
from hedgerow.web.door.visit import COOKIE
from tests.web.conftest import LOCAL, session_for

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANN, BOB = "email:ann@acme.example", "email:bob@gmail.com"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = create_workspace(tmp_path_factory.mktemp("asked") / "workspace", "Asked", zone="Europe/Berlin")
    told = '{"job_title": "CTO", "company": "Acme"}'
    answer: dict[str, Any] = {"verb": "create", "relation": "reply", "channel": "Community"}
    made.inbox.accept(
        [
            Touch(occurred_at=START, source="web", verb="submit", actor="anonymous:1", title="See a <b>demo</b>",
                  claims=(ANN,), properties=told),
            Touch(occurred_at=START + timedelta(days=1), source="web", verb="view", actor="anonymous:1",
                  url="https://acme.example/pricing"),
            Touch(occurred_at=START + timedelta(days=1), source="f", actor=ANN, url="javascript:alert(1)", **answer),
            Touch(occurred_at=START + timedelta(days=2), source="web", verb="view", actor=BOB),
        ]
    )  # fmt: skip
    mill.turn(made)
    yield made
    made.close()


@pytest.fixture
def pages(asked: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(asked), base_url=LOCAL, cookies={COOKIE: session_for(asked)}) as client:
        yield client


def _run(asked: Workspace, *words: str) -> str:
    return CliRunner().invoke(build(), [*words, "-w", str(asked.folder)], catch_exceptions=False).output


def test_the_command_gives_each_point_with_its_rule(asked: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OUT, "width", 200)
    said = " ".join(_run(asked, "score", ANN, "--at", "2026-03-05").split())
    assert "They asked for a demo, a quote or a call." in said
    assert "They looked at what it costs." in said
    assert "They decide: a chief, a head, a director or an owner." in said
    assert "They write from their company's own domain." in said
    assert re.search(r"A\d|B\d", said)
    before = _run(asked, "score", ANN, "--at", "2026-03-01T12:00")
    assert "See" not in before
    assert "looked at what it costs" not in " ".join(before.split())


def test_the_command_refuses_who_is_not_there(asked: Workspace) -> None:
    with pytest.raises(HedgerowError, match="such as email:"):
        _run(asked, "score", "ann")


def test_the_list_names_people_by_their_mail_and_leads_to_each(asked: Workspace, pages: TestClient) -> None:
    page = pages.get("/scores?at=2026-03-05").text
    assert page.index(ANN) < page.index(BOB)
    assert "anonymous:1" not in page
    found = re.findall(r'href="(/scores/\d+\?at=2026-03-05[^"]*)"', page)
    assert len(found) == 2
    assert ANN in pages.get(found[0].replace("&amp;", "&")).text


def test_who_is_asked_for_by_an_identifier_is_found(asked: Workspace, pages: TestClient) -> None:
    answer = pages.get("/scores", params={"who": ANN, "at": "2026-03-05"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/scores/{person_of(asked, ANN)}?at=2026-03-05"
    assert pages.get("/scores?who=email:nobody@x.example").status_code == 400


def test_a_page_shows_every_point_and_its_sum(asked: Workspace, pages: TestClient) -> None:
    person = person_of(asked, ANN)
    page = pages.get(f"/scores/{person}?at=2026-03-05").text
    said = explain(asked, person, datetime(2026, 3, 5, 22, 59, 59, 999999, UTC))
    assert f"{said.score['points']:.2f}" in page
    assert page.count("<tr id=") == 3
    assert "See a &lt;b&gt;demo&lt;/b&gt;" in page
    assert 'href="javascript' not in page
    assert all(row["says"].replace("'", "&#39;") in page for row in said.points.to_pylist() + said.fits.to_pylist())


def test_a_day_before_the_first_touch_says_so(asked: Workspace, pages: TestClient) -> None:
    page = pages.get(f"/scores/{person_of(asked, ANN)}?at=2026-02-01").text
    assert "What they are" in page or "No touch has given points" in page
    assert "Each point" not in page


@pytest.mark.parametrize("path", ["/scores/999", "/scores/x", "/scores/-1", "/scores?at=soon", f"/scores/{'9' * 30}"])
def test_an_address_that_asks_for_nothing_there_is_refused_in_a_sentence(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 400
    assert 'class="refusal"' in answer.text or "<h1>" in answer.text


def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    empty = create_workspace(tmp_path / "workspace", "Empty")
    with TestClient(create_app(empty), base_url=LOCAL, cookies={COOKIE: session_for(empty)}) as client:
        assert "hedgerow import touches" in client.get("/scores").text
    empty.close()


def test_what_is_ranked_is_kept_until_something_comes(asked: Workspace) -> None:
    first, second = ranked(asked, 10), ranked(asked, 10)
    assert first[0] is second[0]
    assert first[1] == 2
    asked.inbox.accept([Touch(occurred_at=START, source="web", verb="view", actor="anonymous:9")])
    mill.turn(asked)
    assert ranked(asked, 10)[1] == 3
    assert names_of(asked, [person_of(asked, ANN)]) == {person_of(asked, ANN): [ANN, "anonymous:1"]}
