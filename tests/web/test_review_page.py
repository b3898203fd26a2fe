"""The review page: proposals with both sides and their reasons, answered by a button, undone on the person's page."""

import html
import re

import pytest
from starlette.testclient import TestClient

from hedgerow import mill, people
from hedgerow.ledger import Workspace
from hedgerow.web import create_app
from tests.people.acting import groups
from tests.people.test_matching import townsfolk
from tests.web.conftest import SignedIn


@pytest.fixture
def pages(workspace: Workspace, signed_in: SignedIn) -> TestClient:
    """The pages of a workspace with the town's people, matched."""
    workspace.inbox.accept(townsfolk())
    mill.match(workspace)
    return signed_in(create_app(workspace))


def _asked(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'name="one" value="([^"]+)"><input type="hidden" name="other" value="([^"]+)"', page)
    return [(html.unescape(one), html.unescape(other)) for one, other in found]


def test_each_answer_is_kept_and_not_asked_again_and_same_makes_one(pages: TestClient, workspace: Workspace) -> None:
    page, answered = pages.get("/review").text, {}
    for act in ("apart", "doubt", "same"):
        one, other = answered[act] = _asked(page)[0]
        page = pages.post("/review", data={"act": act, "one": one, "other": other}).text
        assert "Your answer is written down." in page
        assert (one, other) not in _asked(page)
        assert any(one in each and other in each for each in groups(workspace)) == (act == "same")
    made = people.decisions(workspace)
    assert [each.verb for each in made] == ["split", "doubt", "merge"]
    assert all("support" in each.properties and each.said_by.startswith("user:admin@") for each in made)
    mill.match(workspace)
    for act, (one, other) in answered.items():
        assert any(one in each and other in each for each in groups(workspace)) == (act == "same")
        assert (one, other) not in _asked(pages.get("/review").text)


def test_answers_teach_how_likely_the_others_are(pages: TestClient, workspace: Workspace) -> None:
    before, _ = people.open_proposals(workspace, 100)
    for row in before[:2]:
        pages.post("/review", data={"act": "apart", "one": row["one"], "other": row["other"]})
    after = {(row["one"], row["other"]): row["probability"] for row in people.open_proposals(workspace, 100)[0]}
    left = [row for row in before[2:] if (row["one"], row["other"]) in after]
    assert left
    assert all(after[row["one"], row["other"]] < row["probability"] for row in left)


def test_a_proposal_shows_its_bits_its_sum_and_how_likely_it_is(pages: TestClient, workspace: Workspace) -> None:
    page = html.unescape(pages.get("/review").text)
    first = people.open_proposals(workspace, 1)[0][0]
    for each in first["why"]:
        assert each["says"] in page
        assert f"{each['bits']:+.1f}" in page
    assert f"{first['weight']:+.1f}" in page
    assert f"{100 * first['probability']:.1f} % likely" in page


def test_what_is_not_proposed_cannot_be_answered(pages: TestClient, workspace: Workspace) -> None:
    one, other = _asked(pages.get("/review").text)[0]
    for form, sentence in (
        ({"act": "same", "one": one, "other": one}, "not proposed any more"),
        ({"act": "wink", "one": one, "other": other}, "Nothing was answered"),
    ):
        answer = pages.post("/review", data=form)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert people.decisions(workspace) == []


def test_a_match_is_named_on_the_persons_page_and_undone_there(pages: TestClient, workspace: Workspace) -> None:
    [pair] = [names for names in groups(workspace) if len(names) == 2][:1]
    person = people.search(workspace, pair[1].partition(":")[2], "identified", 1)[0][0]["person"]
    page = pages.get(f"/people/{person}").text
    assert "matched by machine, probability" in page
    [match] = people.matches_of(workspace, person)
    form = {"act": "undo", "touch": match["touch_id"], "reason": "Two people.", "sure": "yes"}
    assert "matched by machine" not in pages.post(f"/people/{person}", data=form).text
    assert [pair[0]] in groups(workspace)


def test_who_may_only_read_does_not_answer(pages: TestClient, workspace: Workspace, signed_in: SignedIn) -> None:
    one, other = _asked(pages.get("/review").text)[0]
    viewer = signed_in(create_app(workspace), "viewer")
    assert viewer.post("/review", data={"act": "same", "one": one, "other": other}).status_code == 403
    assert people.decisions(workspace) == []
