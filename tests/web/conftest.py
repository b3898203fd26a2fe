"""What tests of the pages share: a client that is signed in, and a browser."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from starlette.testclient import TestClient

from hedgerow.access import add_user, open_session, users
from hedgerow.ledger import Workspace
from hedgerow.web.door.csrf import token_of
from hedgerow.web.door.visit import COOKIE
from hedgerow.web.pages import arrivals

LOCAL = "http://127.0.0.1"
SignedIn = Callable[..., TestClient]


def session_for(workspace: Workspace, role: str = "admin") -> str:
    """Return the token of a new session of the test's user in a role, who has no password."""
    email = f"{role}@hedgerow.example"
    known = {user.email: user for user in users(workspace)}
    user = known.get(email) or add_user(workspace, email, role.capitalize(), role)
    return open_session(workspace, user, "pytest")


@pytest.fixture
def signed_in() -> Iterator[SignedIn]:
    """`signed_in(app, role="admin")` gives a client that is signed in, whose writes carry their token."""
    clients: list[TestClient] = []

    def sign(app: FastAPI, role: str = "admin") -> TestClient:
        token = session_for(app.state.workspace, role)
        client = TestClient(app, base_url=LOCAL, headers={"X-CSRF-Token": token_of(token)}, cookies={COOKIE: token})
        clients.append(client.__enter__())
        return client

    yield sign
    for client in clients:
        client.__exit__(None, None, None)


CHROMIUM = shutil.which("chromium")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield launched
        launched.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an app while in this context, and give its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def signed_context(
    browser: Browser, address: str, workspace: Workspace, role: str = "admin", **options: Any
) -> BrowserContext:
    """Return a window of a browser, with Playwright's `options`, that is signed in at an address in a role."""
    context = browser.new_context(**options)
    context.add_cookies([{"name": COOKIE, "value": session_for(workspace, role), "url": address}])
    return context


@pytest.fixture(autouse=True)
def _arrivals_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrivals go on for an hour: in tests that only ask for the page they end at once."""
    monkeypatch.setattr(arrivals, "_LASTING", 0.1)
