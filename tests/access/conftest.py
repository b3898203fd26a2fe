"""What tests of access share: an instant to begin at, and users with a known password."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hedgerow.access import User, add_user
from hedgerow.ledger import Workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "a hedge of hawthorn and hazel"
Adding = Callable[..., User]


@pytest.fixture
def add(workspace: Workspace) -> Adding:
    """`add("ann", role="admin")` gives a user without a password, `password=` one with it."""

    def adding(name: str, role: str = "viewer", password: str | None = None) -> User:
        return add_user(workspace, f"{name}@example.org", name.capitalize(), role, password)

    return adding
