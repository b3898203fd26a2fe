"""A door in a process of its own, as `hedgerow collect` runs it, and raw sockets to knock at it with."""

import base64
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT


class Running:
    """The process, and where it listens."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "hedgerow", "collect", "--workspace", str(folder), "--port", str(port)]
        self.process = subprocess.Popen(command, env=_environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.process.stdout
        said = self.process.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        if not found:
            raise AssertionError(said + self.process.communicate()[1].decode())
        self.port = int(found[1])

    def kill(self) -> None:
        """Kill it (SIGKILL), whatever it is doing."""
        self.process.kill()
        self._end()

    def stop(self) -> str:
        """Stop it as an operator does, and return what it complained of."""
        self.process.terminate()
        return self._end()

    def memory(self) -> int:
        """Return the bytes of memory it has in use."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _end(self) -> str:
        return self.process.communicate(timeout=30)[1].decode()


def _environ() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "PYTHONUNBUFFERED": "1"}


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[Running]:
    """Run a door within this context."""
    started = Running(folder, port)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


def start_mill(folder: Path) -> "subprocess.Popen[bytes]":
    """Return a process that turns the mill of a workspace until it is killed."""
    command = [sys.executable, "-m", "tests.collect.door.milling", str(folder)]
    return subprocess.Popen(command, env=_environ(), cwd=ROOT, stderr=subprocess.PIPE)


@dataclass(frozen=True)
class Said:
    """An answer as it came over a socket."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        found = re.search(rf"^{name}: (.*)\r$", self.head, re.I | re.M)
        return found[1] if found else None


class Knocking:
    """A connection to a door."""

    def __init__(self, port: int, seconds: float = 30.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> "Knocking":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def answer(self) -> Said:
        """Return the next answer; raises `ConnectionError` where the connection ends before one."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._file.readline()
            if not line:
                raise ConnectionError("the connection ended")
            head += line
        length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])  # type: ignore[index]
        return Said(int(head.split()[1]), head.decode("latin-1"), self._file.read(length))

    def post(self, body: bytes, key: str, path: str = "/v1/batch", headers: bytes = b"") -> Said:
        """Send a body and return its answer."""
        self.send(request(body, key, path, headers))
        return self.answer()


def request(body: bytes, key: str, path: str = "/v1/batch", headers: bytes = b"") -> bytes:
    """Return a whole request."""
    coded = base64.b64encode(f"{key}:".encode())
    head = b"POST %s HTTP/1.1\r\nHost: door\r\nAuthorization: Basic %s\r\n%sContent-Length: %d\r\n\r\n"
    return head % (path.encode(), coded, headers, len(body)) + body


def wait_until(true: object, seconds: float = 30.0) -> float:
    """Wait until `true()` holds and return how long that took; fails where it does not."""
    assert callable(true)
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it never came true"
        time.sleep(0.05)
    return time.monotonic() - begun
