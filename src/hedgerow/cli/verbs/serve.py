"""hedgerow serve: the pages, on this machine, with the mill turning beside them."""

import threading
from typing import Annotated

import typer
import uvicorn

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, open_workspace
from hedgerow.web import create_app

_SECONDS = 5.0


def _serve(
    workspace: Folder = HERE,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8400,
) -> None:
    opened = open_workspace(workspace)
    stop = threading.Event()
    turning = threading.Thread(target=_turn, args=(opened, stop), name="mill", daemon=True)
    server = uvicorn.Server(uvicorn.Config(create_app(opened), host="127.0.0.1", port=port, log_level="warning"))
    socket = server.config.bind_socket()
    OUT.print(f"Hedgerow is at http://127.0.0.1:{socket.getsockname()[1]} (Ctrl-C stops it)")
    turning.start()
    try:
        server.run(sockets=[socket])
    finally:
        stop.set()
        turning.join(60)
        opened.close()


def _turn(workspace: Workspace, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            mill.turn(workspace, wait=0)
        except HedgerowError as refusal:
            OUT.print(f"[dim]{refusal.sentence}[/dim]")
        stop.wait(_SECONDS)


VERB = Verb(
    says="Serve the pages on 127.0.0.1, and turn the mill.",
    example="hedgerow serve --workspace acme --port 8400",
    command=_serve,
)
