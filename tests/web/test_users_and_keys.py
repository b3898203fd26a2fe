"""The pages of users and of write keys: what an admin does there."""

import re

import pytest
from starlette.testclient import TestClient

from hedgerow.access import add_user, find_invitation, find_key, find_user, keys, open_session, sessions, users
from hedgerow.ledger import Workspace
from hedgerow.web import create_app
from tests.web.conftest import SignedIn


@pytest.fixture
def admin(workspace: Workspace, signed_in: SignedIn) -> TestClient:
    return signed_in(create_app(workspace))


def test_an_invitation_is_shown_once_with_its_role(workspace: Workspace, admin: TestClient) -> None:
    page = admin.post("/users", data={"act": "invite", "email": "bo@example.org", "role": "sales"})
    link = re.search(r"http://127\.0\.0\.1/welcome/([\w-]{43})", page.text)
    assert link
    invitation = find_invitation(workspace, link.group(1))
    assert (invitation.email, invitation.role, invitation.made_by) == (
        "bo@example.org",
        "sales",
        "admin@hedgerow.example",
    )
    assert "/welcome/" not in admin.get("/users").text


def test_a_refused_invitation_keeps_what_was_written(admin: TestClient) -> None:
    page = admin.post("/users", data={"act": "invite", "email": "not an e-mail", "role": "marketing"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'value="not an e-mail"' in page.text
    assert '<option value="marketing" selected>' in page.text.partition("users</h2>")[0]


def test_an_admin_changes_a_role_signs_out_and_ends(workspace: Workspace, admin: TestClient) -> None:
    bo = add_user(workspace, "bo@example.org", "Bo", "viewer")
    sent = {"email": "bo@example.org"}
    open_session(workspace, bo, "Firefox/1 Linux")
    assert "signed in on Firefox on Linux" in admin.get("/users").text
    admin.post("/users", data={**sent, "act": "sessions"})
    assert sessions(workspace, bo) == []
    admin.post("/users", data={**sent, "act": "role", "role": "marketing"})
    assert find_user(workspace, "bo@example.org").role.name == "marketing"
    assert "/welcome/" in admin.post("/users", data={**sent, "act": "link"}).text
    assert "The user is ended" in admin.post("/users", data={**sent, "act": "end"}).text
    assert find_user(workspace, "bo@example.org").ended_at
    again = re.search(r'href="(/users\?email=[^"]+)#invite"', admin.get("/users").text)
    assert again
    assert 'value="bo@example.org"' in admin.get(again.group(1).replace("&amp;", "&")).text


def test_the_last_admin_can_not_shut_itself_out(workspace: Workspace, admin: TestClient) -> None:
    for sent in ({"act": "end"}, {"act": "role", "role": "viewer"}):
        page = admin.post("/users", data={**sent, "email": "admin@hedgerow.example"})
        assert page.status_code == 422
        assert "is the last admin: make somebody else an admin first." in page.text
    assert admin.get("/users").status_code == 200


def test_what_is_not_an_act_changes_nothing(workspace: Workspace, admin: TestClient) -> None:
    before = users(workspace)
    for act in ("", "drop", "__class__"):
        for path in ("/users", "/keys"):
            assert admin.post(path, data={"act": act, "email": "admin@hedgerow.example"}).status_code == 200
    assert (users(workspace), keys(workspace)) == (before, [])


def test_a_key_is_made_with_its_script_tag_and_a_command_to_try(workspace: Workspace, admin: TestClient) -> None:
    assert "No key is in use" in admin.get("/keys").text
    page = admin.post("/keys", data={"act": "make", "name": "shop", "sites": "shop.example, x.example", "rate": "7"})
    made = find_key(workspace, "shop")
    assert (made.sites, made.rate) == (("shop.example", "x.example"), 7)
    tag = f'<script async src="http://127.0.0.1:8401/hedgerow.js" data-key="{made.key}"></script>'
    escaped = tag.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    assert page.text.count(escaped) == 2
    assert f"curl -u {made.key}: http://127.0.0.1:8401/v1/batch" in page.text
    assert "no touch yet" in page.text


def test_a_key_is_limited_and_revoked(workspace: Workspace, admin: TestClient) -> None:
    admin.post("/keys", data={"act": "make", "name": "shop", "sites": "shop.example", "rate": "7"})
    admin.post("/keys", data={"act": "limit", "name": "shop", "sites": "", "rate": "0"})
    assert (find_key(workspace, "shop").sites, find_key(workspace, "shop").rate) == ((), 0)
    assert "Put it on a site" not in admin.get("/keys").text
    admin.post("/keys", data={"act": "revoke", "name": "shop"})
    assert find_key(workspace, "shop").revoked_at
    assert "<h2>Revoked</h2>" in admin.get("/keys").text


@pytest.mark.parametrize(
    "wrong", [{"name": "Shop!"}, {"sites": "not a site!"}, {"rate": "many"}, {"rate": "-1"}, {"rate": "99999999"}]
)
def test_a_refused_key_keeps_what_was_written(workspace: Workspace, admin: TestClient, wrong: dict[str, str]) -> None:
    said = {"name": "shop", "sites": "shop.example", "rate": "7", **wrong}
    page = admin.post("/keys", data={"act": "make", **said})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert all(f'value="{value}"' in page.text for value in said.values())
    assert keys(workspace) == []
