"""Serving: the pages, with collecting, the mill and what is to be done later beside them."""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn

from hedgerow import mill
from hedgerow.access import first_link
from hedgerow.cli.collecting import beside
from hedgerow.cli.verb import OUT
from hedgerow.collect import mentions
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, maintain, open_workspace
from hedgerow.ledger.jobs import work
from hedgerow.people import matching_due
from hedgerow.web import create_app
from hedgerow.web.door.guard import HOSTS

_SECONDS = 5.0
_MINUTE = 60.0
_DAY = timedelta(days=1)
_JOBS = {mentions.JOB: mentions.verify}


@dataclass(frozen=True)
class Places:
    """Where to listen: the pages' host and port, and those of collecting (port None: nothing is collected)."""

    host: str = "127.0.0.1"
    port: int = 8400
    collect_host: str = "127.0.0.1"
    collect_port: int | None = 8401


def first_account(workspace: Workspace, address: str) -> str:
    """Return the sentence with the one-time link that makes the first admin, "" where there is a user."""
    link = first_link(workspace, address)
    return f"Make the first account at {link} (it works once, for 24 hours)" if link else ""


def serve(folder: Path, places: Places, begin: Callable[[Workspace, str], str] = first_account) -> None:
    """Serve the workspace's pages and collect for it until stopped; raises `HedgerowError` where a port is taken.

    `begin` gives the sentence that says how to begin at an address, "" for none.
    """
    opened = open_workspace(folder)
    app = create_app(opened, (*HOSTS, places.host, *opened.settings.pages.names))
    app.state.collect_url = opened.settings.collect.url
    server = uvicorn.Server(uvicorn.Config(app, host=places.host, port=places.port, log_level="warning"))
    try:
        socket = server.config.bind_socket()
    except SystemExit:
        raise HedgerowError(f"Port {places.port} is taken: choose another with --port, or 0 for a free one.") from None
    address = f"http://{places.host}:{socket.getsockname()[1]}"
    OUT.print(f"Hedgerow is at {address} (Ctrl-C stops it)")
    if sentence := begin(opened, address):
        OUT.print(sentence, markup=False, soft_wrap=True)
    door = None if places.collect_port is None else beside(folder, places.collect_host, places.collect_port)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_turn, args=(opened, stop), name="mill", daemon=True),
        threading.Thread(target=_match, args=(opened, stop), name="matching", daemon=True),
        threading.Thread(target=work, args=(opened, _JOBS, stop), name="jobs", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        server.run(sockets=[socket])
    finally:
        stop.set()
        _end(door)
        for thread in threads:
            thread.join(60)
        opened.close()


def _end(door: "subprocess.Popen[bytes] | None") -> None:
    if door and door.stdin:
        door.stdin.close()  # It commits what waits, and ends.
        door.wait(30)


def _match(workspace: Workspace, stop: threading.Event) -> None:
    while not stop.wait(_MINUTE):
        # Where the mill is held for long, what is due now is due a minute later too.
        with suppress(HedgerowError):
            if matching_due(workspace):
                mill.match(workspace, wait=_MINUTE)


def _turn(workspace: Workspace, stop: threading.Event) -> None:
    said, maintained_at = "", clock.now()
    while not stop.is_set():
        try:
            mill.turn(workspace, wait=0)
            if clock.now() - maintained_at > _DAY:
                maintain(workspace)
                maintained_at = clock.now()
        except HedgerowError as refusal:
            if refusal.sentence != said:
                OUT.print(refusal.sentence, style="dim", markup=False)
            said = refusal.sentence
        stop.wait(_SECONDS)
