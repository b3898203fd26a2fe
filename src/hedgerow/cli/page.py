"""Serving: the pages on this machine, with the mill turning beside them."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import uvicorn

from hedgerow import mill
from hedgerow.access import first_link
from hedgerow.cli.verb import OUT
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, maintain, open_workspace
from hedgerow.web import create_app

_SECONDS = 5.0
_DAY = timedelta(days=1)


def first_account(workspace: Workspace, address: str) -> str:
    """Return the sentence with the one-time link that makes the first admin, "" where there is a user."""
    link = first_link(workspace, address)
    return f"Make the first account at {link} (it works once, for 24 hours)" if link else ""


def serve(folder: Path, port: int, begin: Callable[[Workspace, str], str] = first_account) -> None:
    """Serve the workspace's pages on 127.0.0.1 until stopped; raises `HedgerowError` where the port is taken.

    `begin` gives the sentence that says how to begin at an address, "" for none.
    """
    opened = open_workspace(folder)
    stop = threading.Event()
    turning = threading.Thread(target=_turn, args=(opened, stop), name="mill", daemon=True)
    server = uvicorn.Server(uvicorn.Config(create_app(opened), host="127.0.0.1", port=port, log_level="warning"))
    try:
        socket = server.config.bind_socket()
    except SystemExit:
        raise HedgerowError(f"Port {port} is taken: choose another with --port, or 0 for a free one.") from None
    address = f"http://127.0.0.1:{socket.getsockname()[1]}"
    OUT.print(f"Hedgerow is at {address} (Ctrl-C stops it)")
    if sentence := begin(opened, address):
        OUT.print(sentence, markup=False, soft_wrap=True)
    turning.start()
    try:
        server.run(sockets=[socket])
    finally:
        stop.set()
        turning.join(60)
        opened.close()


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
