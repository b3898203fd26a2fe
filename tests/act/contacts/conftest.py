"""A server of address books for these tests, and a book of each test's own."""

import random
from collections.abc import Iterator

import pytest

from hedgerow.act.contacts.carddav import AddressBook
from tests.act.contacts.radicale import new_book, radicale


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running Radicale."""
    with radicale(tmp_path_factory.mktemp("radicale")) as url:
        yield url


@pytest.fixture
def book(server: str, request: pytest.FixtureRequest) -> Iterator[AddressBook]:
    """An empty address book on it."""
    made = new_book(server, f"book-{random.Random(request.node.name).randrange(1 << 40):x}")
    yield made
    made.close()
