"""Signing in: from the first link to signing out, and never to another site."""

import re
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from hedgerow.access import add_user, demo_link, find_user, first_link, sessions, users
from hedgerow.kit import clock
from hedgerow.ledger import Workspace
from hedgerow.web import create_app
from hedgerow.web.door import browser_of, local
from hedgerow.web.door.visit import COOKIE
from tests.web.conftest import LOCAL

PASSWORD = "a hedge of hawthorn and hazel"
HOSTILE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/%09/evil.example\r\n",
    "javascript:alert(1)", "evil.example", "http:evil.example", "@evil.example", ":80", "/\x00/evil.example", "",
    "?next=//evil.example", "#", "/x\r\nSet-Cookie: a=b",
]  # fmt: skip


@pytest.fixture
def app(workspace: Workspace) -> FastAPI:
    return create_app(workspace)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=LOCAL, follow_redirects=False)


def _csrf(client: TestClient, path: str) -> str:
    found = re.search(r'"X-CSRF-Token": "(\w+)"', client.get(path).text)
    assert found
    return found.group(1)


def _sign_in(client: TestClient, email: str = "ann@example.org", password: str = PASSWORD, next: str = "") -> str:
    sent = {"email": email, "password": password, "next": next, "csrf": _csrf(client, "/sign-in")}
    answer = client.post("/sign-in", data=sent)
    return answer.headers["location"] if answer.status_code == 303 else answer.text


def test_the_first_link_makes_an_account_that_signs_in_and_out(workspace: Workspace, client: TestClient) -> None:
    assert "There is no account yet" in client.get("/sign-in").text
    link = first_link(workspace, LOCAL) or ""
    assert "become the admin" in client.get(link).text
    sent = {"name": "Ann", "email": "ann@example.org", "password": "short", "csrf": _csrf(client, link)}
    refused = client.post(link, data=sent)
    assert refused.status_code == 422
    assert 'value="Ann"' in refused.text
    assert 'value="ann@example.org"' in refused.text
    assert "short" not in refused.text
    assert client.post(link, data={**sent, "password": PASSWORD}).headers["location"] == "/"
    assert ">Ann</a>" in client.get("/").text
    client.post("/sign-out", data={"csrf": _csrf(client, "/me")})
    assert COOKIE not in client.cookies
    assert client.get("/").status_code == 303
    assert _sign_in(client, next="/keys") == "/keys"
    assert client.get("/keys").status_code == 200
    assert client.get("/sign-in?next=/users").headers["location"] == "/users"


def test_a_link_that_was_used_says_so(workspace: Workspace, client: TestClient) -> None:
    link = first_link(workspace, LOCAL) or ""
    sent = {"name": "Ann", "email": "ann@example.org", "password": PASSWORD, "csrf": _csrf(client, link)}
    client.post(link, data=sent)
    again = client.get(link)
    assert again.status_code == 410
    assert "This link was used already: sign in" in again.text
    assert client.post(link, data={**sent, "csrf": _csrf(client, "/me")}).status_code == 410
    assert len(users(workspace)) == 1


def test_opening_a_link_does_not_use_it_up(workspace: Workspace, client: TestClient) -> None:
    link = first_link(workspace, LOCAL) or ""
    assert [client.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert client.head(link).status_code == 405
    assert users(workspace) == []


def test_the_demos_link_lets_in_at_once_and_once(workspace: Workspace, app: FastAPI, client: TestClient) -> None:
    link = demo_link(workspace, LOCAL, "demo@example.org")
    assert client.get(link).headers["location"] == "/"
    assert client.get("/users").status_code == 200
    assert TestClient(app, base_url=LOCAL).get(link).status_code == 410


def test_a_wrong_password_is_said_beside_the_form_and_the_email_kept(workspace: Workspace, client: TestClient) -> None:
    add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    for email in ("ann@example.org", "nobody@example.org"):
        page = _sign_in(client, email, "another password", "/keys")
        assert "don&#39;t belong together" in page
        assert f'value="{email}"' in page
        assert 'name="next" value="/keys"' in page
        assert "another password" not in page


def test_after_five_failures_even_the_right_password_waits(workspace: Workspace, client: TestClient) -> None:
    add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    begun = clock.now()
    with clock.stopped_at(begun):
        for _ in range(5):
            _sign_in(client, password="another password")
        assert "too many tries that failed: try again in 15 minutes." in _sign_in(client)
    with clock.stopped_at(begun + timedelta(minutes=15)):
        assert _sign_in(client) == "/"


def test_a_session_begins_anew_at_sign_in(workspace: Workspace, client: TestClient) -> None:
    ann = add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    client.cookies.set(COOKIE, "chosen-by-another", domain="127.0.0.1")
    assert _sign_in(client) == "/"
    token = client.cookies[COOKIE]
    assert token != "chosen-by-another"
    assert len(sessions(workspace, ann)) == 1


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_out_of_reach_of_scripts_and_of_plain_http(
    workspace: Workspace, app: FastAPI, scheme: str, secure: bool
) -> None:
    add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    client = TestClient(app, base_url=f"{scheme}://127.0.0.1", follow_redirects=False)
    sent = {"email": "ann@example.org", "password": PASSWORD, "csrf": _csrf(client, "/sign-in")}
    cookie = client.post("/sign-in", data=sent).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "path=/", "max-age=7776000"} <= parts
    assert ("secure" in parts) == secure


def test_a_new_password_signs_out_everywhere_but_here(workspace: Workspace, app: FastAPI, client: TestClient) -> None:
    add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    other = TestClient(app, base_url=LOCAL, follow_redirects=False)
    for each in (client, other):
        _sign_in(each)
    sent = {
        "act": "password",
        "current": "another password",
        "password": "oak ash and elm",
        "csrf": _csrf(client, "/me"),
    }
    refused = client.post("/me", data=sent)
    assert (refused.status_code, "don&#39;t belong together" in refused.text) == (422, True)
    assert other.get("/me").status_code == 200
    assert client.post("/me", data={**sent, "current": PASSWORD}).headers["location"] == "/me?done=password"
    assert "The password is changed" in client.get("/me?done=password").text
    assert other.get("/me").status_code == 303
    client.cookies.clear()
    assert "don&#39;t belong" in _sign_in(client)
    assert _sign_in(client, password="oak ash and elm") == "/"


def test_a_user_ends_own_sessions_and_nobody_elses(workspace: Workspace, app: FastAPI, client: TestClient) -> None:
    for name in ("ann", "bo"):
        add_user(workspace, f"{name}@example.org", name, "viewer", PASSWORD)
    other, bo = (TestClient(app, base_url=LOCAL, follow_redirects=False) for _ in range(2))
    _sign_in(client), _sign_in(other), _sign_in(bo, "bo@example.org")
    theirs = sessions(workspace, find_user(workspace, "bo@example.org"))[0].digest
    csrf = _csrf(client, "/me")
    client.post("/me", data={"act": "end", "session": theirs, "csrf": csrf})
    assert bo.get("/me").status_code == 200
    client.post("/me", data={"act": "others", "csrf": csrf})
    assert [each.get("/me").status_code for each in (client, other, bo)] == [200, 303, 200]
    own = sessions(workspace, find_user(workspace, "ann@example.org"))[0].digest
    client.post("/me", data={"act": "end", "session": own, "csrf": csrf})
    assert client.get("/me").status_code == 303


def test_no_address_elsewhere_is_gone_to_after_signing_in(workspace: Workspace, client: TestClient) -> None:
    add_user(workspace, "ann@example.org", "Ann", "viewer", PASSWORD)
    for path in HOSTILE:
        client.cookies.clear()
        assert _sign_in(client, next=path) == "/", path
        assert client.get("/sign-in", params={"next": path}).headers["location"] == "/", path


def _as_a_browser_reads(location: str) -> str:
    # WHATWG URL: what is removed and what counts as a slash before a location is resolved.
    return re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")


@given(
    st.one_of(
        st.text(), st.text(alphabet="/\\.:@#?%\t\n evil0"), st.from_regex(r"[/\\\t]{1,4}[a-z.]{1,9}", fullmatch=True)
    )
)
def test_whatever_stands_in_an_address_one_stays_on_this_server(text: str) -> None:
    where = urlsplit(urljoin("http://127.0.0.1:8400/sign-in", _as_a_browser_reads(local(text))))
    assert (where.scheme, where.netloc) == ("http", "127.0.0.1:8400")


@pytest.mark.parametrize(
    "path", ["/", "/keys", "/measures/paths?since=2026-01-01&row.day=a%20b#table", "/%C3%A9/x;y=1"]
)
def test_a_path_of_ours_is_gone_to_as_it_is(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
            "Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_called_as_its_user_knows_it(agent: str, said: str) -> None:
    assert browser_of(agent) == said
