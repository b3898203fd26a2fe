"""The pages of people: found, shown with their sources, and nothing decided before it was looked at."""

import json
import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from hedgerow import mill, people
from hedgerow.ledger import Touch, Workspace
from hedgerow.web import create_app
from tests.people.acting import groups
from tests.web.conftest import SignedIn

ANN, BOB = "email:ann@x.example", "email:bob@x.example"
WHY = {"reason": "She told me so."}


def _touch(actor: str, *claims: str, verb: str = "identify", **said: object) -> Touch:
    return Touch(
        occurred_at=datetime(2026, 3, 1, tzinfo=UTC), source="web", verb=verb, actor=actor, claims=claims,
        properties=json.dumps(said) if said else None,
    )  # fmt: skip


@pytest.fixture
def pages(workspace: Workspace, signed_in: SignedIn) -> TestClient:
    """The pages of a workspace with Ann, Bob, and a device both use."""
    workspace.inbox.accept(
        [_touch(ANN, "anonymous:kiosk", name="Ann <b>Lee</b>", city="Ulm"), _touch(BOB, verb="unsubscribe")]
    )
    workspace.inbox.accept([_touch(BOB, "anonymous:kiosk"), _touch(ANN, "phone:+491")])
    mill.turn(workspace)
    return signed_in(create_app(workspace))


def _number(workspace: Workspace, text: str) -> int:
    return int(people.search(workspace, text, "identified", 1)[0][0]["person"])


def test_somebody_is_found_by_name_and_by_address_and_their_text_is_no_markup(pages: TestClient) -> None:
    for text in ("ann <b>", "ANN@X"):
        page = pages.get("/people", params={"text": text}).text
        assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in page
        assert "bob@x.example" not in page


def test_a_person_shows_each_value_with_its_source_and_what_they_refused(
    pages: TestClient, workspace: Workspace
) -> None:
    page = pages.get(f"/people/{_number(workspace, 'ann')}").text
    assert re.search(r"Ulm <span class=\"none\">web, 2026-03-01", page)
    assert "refuses mail" in pages.get(f"/people/{_number(workspace, 'bob')}").text


def test_a_merge_is_shown_before_it_is_made_and_can_be_undone(pages: TestClient, workspace: Workspace) -> None:
    ann, before = _number(workspace, "ann"), groups(workspace)
    form = {"act": "merge", "other": BOB} | WHY
    shown = pages.post(f"/people/{ann}", data=form)
    assert "Nothing is written yet" in shown.text
    assert groups(workspace) == before
    pages.post(f"/people/{ann}", data=form | {"sure": "yes"})
    assert groups(workspace) == [sorted(["anonymous:kiosk", ANN, BOB, "phone:+491"])]
    page = pages.get(f"/people/{ann}").text
    assert "refuses mail" in page
    assert "She told me so." in page
    decision = people.decisions(workspace)[-1].touch_id
    pages.post(f"/people/{ann}", data={"act": "undo", "touch": decision, "sure": "yes"} | WHY)
    assert groups(workspace) == before


def test_an_old_number_leads_to_who_it_is_now(pages: TestClient, workspace: Workspace) -> None:
    ann, bob = _number(workspace, "ann"), _number(workspace, "bob")
    pages.post(f"/people/{ann}", data={"act": "merge", "other": BOB, "sure": "yes"} | WHY)
    moved = pages.get(f"/people/{max(ann, bob)}", follow_redirects=False)
    assert moved.headers["location"] == f"/people/{min(ann, bob)}"


def test_the_review_queue_asks_whose_the_shared_device_is_and_takes_the_answer(
    pages: TestClient, workspace: Workspace
) -> None:
    assert "Whose is anonymous:kiosk?" in pages.get("/review").text
    form = {"act": "merge", "one": ANN, "other": "anonymous:kiosk", "sure": "yes"} | WHY
    pages.post(f"/people/{_number(workspace, 'ann')}", data=form)
    assert groups(workspace) == [sorted(["anonymous:kiosk", ANN, "phone:+491"]), [BOB]]


def test_an_edit_by_hand_is_shown_as_one(pages: TestClient, workspace: Workspace) -> None:
    ann = _number(workspace, "ann")
    pages.post(f"/people/{ann}", data={"act": "edit", "field": "city", "value": "Bonn"})
    assert re.search(r"Bonn <span class=\"none\">by hand, user:admin@", pages.get(f"/people/{ann}").text)


def test_what_makes_no_sense_is_answered_with_a_sentence(pages: TestClient, workspace: Workspace) -> None:
    ann = _number(workspace, "ann")
    for form, sentence in (
        ({"act": "merge", "other": "email:nobody@x.example"} | WHY, "Nobody is known by"),
        ({"act": "merge", "other": BOB, "reason": " "}, "There is no reason"),
        ({"act": "split"} | WHY, "not one person"),
        ({"act": "edit", "field": "shoe", "value": "42"}, "no field"),
    ):
        answer = pages.post(f"/people/{ann}", data=form)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert "Nobody is person 99999" in pages.get("/people/99999").text


def test_who_may_only_read_decides_nothing(workspace: Workspace, signed_in: SignedIn, pages: TestClient) -> None:
    viewer = signed_in(create_app(workspace), "viewer")
    ann, before = _number(workspace, "ann"), groups(workspace)
    assert "See what would move" not in viewer.get(f"/people/{ann}").text
    refused = viewer.post(f"/people/{ann}", data={"act": "merge", "other": BOB, "sure": "yes"} | WHY)
    assert refused.status_code == 403
    assert groups(workspace) == before
