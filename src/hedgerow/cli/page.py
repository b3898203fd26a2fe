"""Serving: the pages on this machine, with the mill turning beside them."""

import threading
from datetime import timedelta
from pathlib import Path

import uvicorn

from hedgerow import mill
from hedgerow.cli.verb import OUT
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, maintain, open_workspace
from hedgerow.web import create_app

_SECONDS = 5.0
_DAY = timedelta(days=1)


def serve(folder: Path, port: int) -> None:
    """Serve the workspace's pages on 127.0.0.1 until stopped; raises `HedgerowError` where the port is taken."""
    opened = open_workspace(folder)
    stop = threading.Event()
    turning = threading.Thread(target=_turn, args=(opened, stop), name="mill", daemon=True)
    server = uvicorn.Server(uvicorn.Config(create_app(opened), host="127.0.0.1", port=port, log_level="warning"))
    try:
        socket = server.config.bind_socket()
    except SystemExit:
        raise HedgerowError(f"Port {port} is taken: choose another with --port, or 0 for a free one.") from None
    OUT.print(f"Hedgerow is at http://127.0.0.1:{socket.getsockname()[1]} (Ctrl-C stops it)")
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
