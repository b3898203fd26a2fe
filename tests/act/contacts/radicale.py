"""A real CardDAV server, Radicale, on this machine, and one side of a book that is a dict."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from hedgerow.act.contacts import Change, Kept
from hedgerow.act.contacts.carddav import AddressBook, find_address_book
from hedgerow.people.cards import Card

USER, SECRET = "ann", "s3cret"
_BOOK = b"""<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><c:addressbook/></resourcetype><displayname>Friends</displayname></prop></set></mkcol>"""


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """Serve address books out of a folder, for `USER` with `SECRET`; give the server's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{SECRET}\n")
    auth = ["--auth-type", "htpasswd", "--auth-htpasswd-filename", str(folder / "users")]
    auth += ["--auth-htpasswd-encryption", "plain", "--auth-delay", "0"]
    places = ["--hosts", f"127.0.0.1:{port}", "--storage-filesystem-folder", str(folder / "books")]
    quiet = ["--logging-level", "critical"]
    command = [sys.executable, "-m", "radicale", "--config", "", *places, *auth, *quiet]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        _wait(server, port, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def new_book(server: str, name: str) -> AddressBook:
    """Make an address book on the server and return it."""
    host = server.removeprefix("http://")
    connection = HTTPConnection(host)
    headers = {"Authorization": "Basic YW5uOnMzY3JldA==", "Content-Type": "application/xml"}
    connection.request("MKCOL", f"/{USER}/{name}/", _BOOK, headers)
    assert connection.getresponse().status == 201
    connection.close()
    return find_address_book(f"{server}/{USER}/{name}/", USER, SECRET)


def new_full_book(server: str, name: str, cards: bytes) -> AddressBook:
    """Make an address book of cards in one request and return it; one by one, Radicale takes longer with each."""
    connection = HTTPConnection(server.removeprefix("http://"), timeout=600)
    headers = {"Authorization": "Basic YW5uOnMzY3JldA==", "Content-Type": "text/vcard; charset=utf-8"}
    connection.request("PUT", f"/{USER}/{name}/", cards, headers)
    assert connection.getresponse().status == 201
    connection.close()
    return find_address_book(f"{server}/{USER}/{name}/", USER, SECRET)


def held(book: AddressBook) -> dict[str, bytes]:
    """Return all that a book holds, by address, as the server has it; XML makes its line ends bare."""
    found = book.fetch(sorted(book.listing("").etags))
    return {each.href: each.data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for each in found}


class Ours:
    """Our side of a book, in memory."""

    def __init__(self) -> None:
        self.held: dict[str, Card] = {}
        self.told: list[Change] = []

    def cards(self, kept: Mapping[str, Kept]) -> Mapping[str, Card | None]:
        """Return what is here; what both sides had and is no more here is to go."""
        return {**{uid: None for uid, card in kept.items() if card.state == "held"}, **self.held}

    def apply(self, changes: Sequence[Change]) -> None:
        """Take changes in."""
        for change in changes:
            self.told.append(change)
            if change.card is None:
                self.held.pop(change.uid, None)
            else:
                self.held[change.uid] = change.card


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise AssertionError(f"Radicale ended: {log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("Radicale did not start")
