"""What the tests of the door share: a door that is started, in this process."""

from collections.abc import Iterator

import pytest

from hedgerow.ledger import Workspace
from tests.collect.door.asking import Asked, opened


@pytest.fixture
def door(workspace: Workspace) -> Iterator[Asked]:
    """A door on an empty workspace."""
    with opened(workspace) as asked:
        yield asked
