"""The door: nobody reads a page who is not signed in, and nothing is written that our own pages did not send."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from hedgerow.access import ROLES, change_role, end_sessions, find_user, make_key, users
from hedgerow.kit import load_shelf
from hedgerow.ledger import Workspace
from hedgerow.web import create_app
from hedgerow.web.door.csrf import token_of
from hedgerow.web.door.visit import COOKIE
from hedgerow.web.page import Page
from tests.web.conftest import LOCAL, SignedIn, session_for

PAGES = load_shelf("hedgerow.web.pages", Page)
OPEN = {"/sign-in", "/welcome/{token}", "/healthz"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _paths(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _paths(route.original_router.routes)
        elif not isinstance(route, Mount):
            yield route.path


def _address(path: str) -> str:
    return path.replace("{name}", "paths").replace("{token}", "x" * 43)


@pytest.fixture
def app(workspace: Workspace) -> FastAPI:
    return create_app(workspace)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=LOCAL, follow_redirects=False)


def test_no_page_and_no_answer_is_readable_signed_out(app: FastAPI, stranger: TestClient) -> None:
    paths = set(_paths(app.routes))
    assert paths >= OPEN | {"/", "/keys", "/users", "/me", "/openapi.json", "/api/measures", "/api/measures/{name}"}
    others = ("/nowhere", "/api/nowhere", "/healthz/x", "/sign-in/x", "/assets", "//sign-in")
    for path in [*sorted(paths - OPEN), *others]:
        answer = stranger.get(_address(path))
        if path.startswith("/api/"):
            assert (answer.status_code, list(answer.json())) == (401, ["error"]), path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path
        assert answer.headers["cache-control"] == "no-store"
    for path in ("/sign-in", "/healthz"):
        assert stranger.get(path).status_code == 200
    assert stranger.get(_address("/welcome/{token}")).status_code == 410
    assert {mount.path for mount in app.routes if isinstance(mount, Mount)} == {"/assets"}


@pytest.mark.parametrize(
    "path", ["/sign-in%3Fx", "/sign-in%23", "/welcome%2Fx", "/sign-in;x", "/healthz%3F", "/%2e/keys"]
)
def test_no_spelling_of_an_open_page_opens_another(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code in (303, 404, 410)
    assert "wk_" not in stranger.get(path).text


def test_an_address_that_was_asked_for_is_kept_for_after_signing_in(stranger: TestClient) -> None:
    there = stranger.get("/measures/paths?since=2026-01-01&by=channel%20group").headers["location"]
    page = stranger.get(there).text
    assert 'name="next" value="/measures/paths?since=2026-01-01&amp;by=channel%20group"' in page or "no account" in page
    assert stranger.get("/").headers["location"] == "/sign-in"
    assert stranger.post("/keys").headers["location"] == "/sign-in"


def test_a_part_of_a_page_asked_for_signed_out_sends_the_whole_window_to_sign_in(stranger: TestClient) -> None:
    answer = stranger.get("/measures/paths?by=channel", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/measures/paths%3Fby%3Dchannel"
    assert answer.text == ""


def test_no_write_passes_without_the_token_of_its_session(app: FastAPI, workspace: Workspace) -> None:
    token, others = session_for(workspace), session_for(workspace, "viewer")
    client = TestClient(app, base_url=LOCAL, cookies={COOKIE: token}, follow_redirects=False)
    wrong = ("", "x", token, token_of(""), token_of(others), token_of(token)[:-1], token_of(token).upper())
    for path in sorted(set(_paths(app.routes)) - {"/healthz"}):
        for method in UNSAFE:
            assert client.request(method, _address(path)).status_code == 403, (method, path)
        for csrf in wrong:
            assert client.post(_address(path), data={"csrf": csrf}).status_code == 403, (path, csrf)
            assert client.post(_address(path), headers={"X-CSRF-Token": csrf}).status_code == 403, (path, csrf)
        asked = client.post(_address(path), params={"csrf": token_of(token)})
        assert asked.status_code == 403, "a token in an address would be in logs"
    assert len(users(workspace)) == 2


def test_a_write_from_another_site_is_refused_even_with_the_token(app: FastAPI, workspace: Workspace) -> None:
    token = session_for(workspace)
    client = TestClient(app, base_url="http://127.0.0.1:8400", cookies={COOKIE: token}, follow_redirects=False)
    foreign = [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:8401"},
        {"Origin": "http://127.0.0.1:8400.evil.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8400"},
    ]
    for headers in foreign:
        answer = client.post("/sign-out", data={"csrf": token_of(token)}, headers=headers)
        assert answer.status_code == 403, headers
        assert "open the page again" in answer.text
    own = {"Origin": "http://127.0.0.1:8400", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/sign-out", data={"csrf": token_of(token)}, headers=own).status_code == 303


def test_the_sign_in_form_needs_the_token_of_its_browser(app: FastAPI, stranger: TestClient) -> None:
    assert stranger.post("/sign-in", data={"email": "a@b.c", "password": "x"}).status_code == 403
    page = stranger.get(f"/welcome/{'x' * 43}")
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    csrf = re.search(r'"X-CSRF-Token": "([0-9a-f]{64})"', page.text)
    assert csrf
    sent = {"email": "a@b.c", "password": "x", "csrf": csrf.group(1)}
    assert stranger.post("/sign-in", data=sent).status_code == 422
    assert TestClient(app, base_url=LOCAL).post("/sign-in", data=sent).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_and_writes_what_its_row_of_the_table_says(
    workspace: Workspace, signed_in: SignedIn, role: str
) -> None:
    client = signed_in(create_app(workspace), role)
    menu = client.get("/me").text
    for name, page in PAGES.items():
        if page.needs is None or name == "sign_out":
            continue
        allowed = page.needs in ROLES[role].may
        for method in page.methods:
            answer = client.request(method, _address(page.path), follow_redirects=False)
            assert (answer.status_code != 403) == allowed, (role, method, page.path)
            if not allowed:
                assert f"The role {role} may not" in answer.text
        if page.menu:
            assert (f'href="{page.path}"' in menu) == allowed
    assert client.get("/api/measures").status_code == 200


def test_a_form_that_is_too_long_is_refused(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace))
    assert client.post("/keys", content=b"x=" + b"a" * (1 << 20), headers=FORM).status_code == 413
    assert client.post("/keys", content=b"name=%FF%00&&=&act", headers=FORM, follow_redirects=False).status_code == 303


def test_a_session_that_is_ended_elsewhere_is_out_at_once(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace), "sales")
    assert client.get("/me").status_code == 200
    end_sessions(workspace, find_user(workspace, "sales@hedgerow.example"))
    assert client.get("/me", follow_redirects=False).headers["location"] == "/sign-in?next=/me"
    client = signed_in(create_app(workspace), "sales")
    session_for(workspace)
    change_role(workspace, "sales@hedgerow.example", "viewer")
    assert client.get("/me", follow_redirects=False).status_code == 303


def test_no_socket_is_let_in(stranger: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as closed, stranger.websocket_connect("/"):
        pass
    assert closed.value.code == 1008


def test_a_page_that_was_written_is_kept_by_no_browser(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace))
    assert client.post("/users", data={"act": "invite", "email": "a@b.c"}).headers["cache-control"] == "no-store"
    assert client.get("/users").headers["cache-control"] == "private, no-cache"


def test_other_hosts_may_be_named(workspace: Workspace) -> None:
    client = TestClient(create_app(workspace, hosts=("crm.example",)), base_url="http://crm.example")
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz", headers={"Host": "127.0.0.1"}).status_code == 400


def test_text_that_others_wrote_is_shown_as_text(workspace: Workspace, signed_in: SignedIn) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x>"
    app = create_app(workspace)
    client = signed_in(app)
    app.state.collect_url = f"http://x/{hostile}"
    make_key(workspace, "shop", ["shop.example"])
    link = client.post("/users", data={"act": "invite", "email": "bo@example.org", "role": "sales"}).text
    address = re.search(r"/welcome/[\w-]{43}", link)
    assert address
    form = {"name": hostile, "password": "a hedge of hawthorn"}
    welcome = client.get(address.group()).text
    csrf = re.search(r'name="csrf" value="(\w+)"', welcome)
    assert csrf
    other = TestClient(app, base_url=LOCAL, headers={"User-Agent": hostile})
    csrf = re.search(r'name="csrf" value="(\w+)"', other.get(address.group()).text)
    assert csrf
    other.post(address.group(), data={**form, "csrf": csrf.group(1)})
    pages = [client.get("/users"), client.get("/keys"), other.get("/me"), other.get("/")]
    pages += [client.post("/keys", data={"act": "make", "name": hostile, "sites": hostile, "rate": hostile})]
    pages += [client.post("/users", data={"act": "invite", "email": hostile, "role": hostile})]
    pages += [client.get("/users", params={"email": hostile, "role": hostile, "done": hostile})]
    pages += [client.get("/keys", params={"fresh": hostile}), client.get(f"/welcome/{hostile}")]
    for page in pages:
        assert "<script>alert" not in page.text, page.url
        assert "<img" not in page.text.replace('<img src="/assets/', ""), page.url
    assert "&lt;script&gt;alert(1)" in pages[0].text
    assert "&lt;script async src=" in pages[1].text
