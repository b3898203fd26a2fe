"""Two servers on origins of their own: a site that serves pages, and a collector that records what it is sent."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import hedgerow

SCRIPT = Path(hedgerow.__file__).parent / "collect" / "http" / "site" / "hedgerow.js"
Message = dict[str, Any]


@dataclass
class Request:
    """A request as the collector met it, the status it gave, and when by a clock of seconds."""

    method: str
    path: str
    kind: str
    body: bytes
    status: int
    at: float = field(default_factory=time.monotonic)

    @property
    def stated(self) -> dict[str, Any]:
        """Return the body's JSON object."""
        stated: dict[str, Any] = json.loads(self.body)
        return stated


@dataclass
class Collector:
    """What was sent, and the next statuses: 200 when none are left, 0 is none at all, -1 none for long."""

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    link: str | None = "https://collect.example/l/CODE"

    def messages(self, name: str | None = None) -> list[Message]:
        """Return the messages that were accepted, in the order their sender made them (requests race each other here).

        Only those of one event or type if named.
        """
        accepted = [r for r in list(self.requests) if r.path == "/v1/batch" and r.status == 200]
        messages = [message for request in accepted for message in request.stated["batch"]]
        named = [m for m in messages if name in (None, m.get("event"), m["type"])]
        return sorted(named, key=lambda m: str(m["timestamp"]))

    def wait(self, name: str | None = None, count: int = 1, seconds: float = 15) -> list[Message]:
        """Return the messages (as `messages` does) once there are `count`; raises AssertionError when none come."""
        self.until(lambda: len(self.messages(name)) >= count, f"{count} x {name}", seconds)
        return self.messages(name)

    def until(self, fact: Callable[[], bool], what: str, seconds: float = 15) -> None:
        """Return once `fact` holds; raises AssertionError, naming `what`, when it does not in time."""
        end = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < end, f"{what} did not come; there are {self.messages()}"
            time.sleep(0.01)

    def answer(self, request: Request) -> tuple[int, str, bytes]:
        """Record `request`; return the status, content type and body of its answer."""
        if request.path.startswith("/hedgerow.js"):
            return 200, "text/javascript", SCRIPT.read_bytes()
        if self.statuses:
            request.status = self.statuses.pop(0)
        self.requests.append(request)
        return request.status, "application/json", json.dumps({"url": self.link}).encode()


@dataclass
class Site:
    """Pages by their path, each HTML with the headers it is served with."""

    address: str = ""
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def answer(self, request: Request) -> tuple[int, str, bytes, dict[str, str]]:
        """Return the page at the path asked for; for a POST, a page of thanks."""
        html, headers = self.pages.get(request.path.split("?")[0], ("<!doctype html><title>Else</title>", {}))
        return 200, "text/html; charset=utf-8", html.encode(), headers


def _handler(thing: Collector | Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(self.command, self.path, self.headers.get("content-type", ""), body, 200)
            status, kind, answer, *headers = thing.answer(request)
            if status <= 0:
                time.sleep(-30 * status)
                self.close_connection = True
                return
            self.send_response(status)
            named = {"content-type": kind, **(headers[0] if headers else {})}
            for name, value in named.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.send_header("access-control-allow-origin", "*")
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_OPTIONS = reply  # noqa: N815 (http.server calls them so)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def served(thing: Collector | Site) -> Iterator[None]:
    """Serve `thing` at an origin of its own while inside, and give it its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(thing))
    server.daemon_threads = True
    thing.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()
