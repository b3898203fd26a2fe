"""A site of our own on 127.0.0.1 that answers with raw bytes, so that it may misbehave as strangers do."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[bytes], Iterable[bytes]]


@dataclass
class Site:
    """What was asked of it, request by request, and where it is."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the URL of a path."""
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve within this context: `answer` is handed each request's head and yields the pieces of what is sent."""
    listening = socket.create_server(("127.0.0.1", 0))
    site = Site(listening.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_talk, args=(connection, site, answer, context), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _talk(connection: socket.socket, site: Site, answer: Answer, context: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        spoken = context.wrap_socket(connection, server_side=True) if context else connection
        with spoken:
            request = b""
            while b"\r\n\r\n" not in request:
                piece = spoken.recv(65_536)
                if not piece:
                    return
                request += piece
            site.requests.append(request)
            for piece in answer(request):
                spoken.sendall(piece)


def page(body: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def path_of(request: bytes) -> str:
    """Return the path a request asks for."""
    return request.split(b" ")[1].decode()
