"""Collecting: the door in a process of its own, so that neither pages nor the mill keep a visitor waiting."""

import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import uvicorn

from hedgerow.cli.verb import OUT
from hedgerow.collect.http import Door
from hedgerow.collect.server import server
from hedgerow.kit import HedgerowError
from hedgerow.ledger import open_workspace


def collect(folder: Path, host: str, port: int, until_closed: IO[bytes] | None = None) -> None:
    """Collect for a workspace at `host`:`port` until stopped, or until `until_closed` ends.

    Raises `HedgerowError` where the port is taken.
    """
    opened = open_workspace(folder)
    serving = server(Door(opened), host, port)
    try:
        listening = serving.config.bind_socket()
    except SystemExit:
        raise HedgerowError(f"Port {port} is taken: choose another with --collect-port, or 0 for a free one.") from None
    listening.listen(serving.config.backlog)  # What is said next must be true: who reads it may connect at once.
    OUT.print(f"Collecting at http://{host}:{listening.getsockname()[1]}")
    if until_closed:
        threading.Thread(target=_end_with, args=(until_closed, serving), daemon=True).start()
    try:
        serving.run(sockets=[listening])
    finally:
        opened.close()


def beside(folder: Path, host: str, port: int) -> "subprocess.Popen[bytes]":
    """Return a process that collects for a workspace for as long as this one lives.

    Raises `HedgerowError` where the port is taken.
    """
    try:
        with socket.create_server((host, port)):
            pass  # Only asked: the process takes it in a moment.
    except OSError as error:
        raise HedgerowError(f"Collecting can't listen at {host}:{port} ({error}): say --collect-port.") from None
    command = [sys.executable, "-m", "hedgerow", "collect", "--workspace", str(folder), "--host", host]
    return subprocess.Popen([*command, "--port", str(port), "--beside"], stdin=subprocess.PIPE)


def _end_with(pipe: IO[bytes], serving: uvicorn.Server) -> None:
    pipe.read()  # Ends when the process that holds the other end does, however it ends.
    serving.should_exit = True
