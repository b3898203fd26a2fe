"""A person is forgotten where the record is in PostgreSQL too: its tables hold nothing of them, page by page."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from hedgerow import mill
from hedgerow.ledger import Workspace, ask_to_forget, erasures
from hedgerow.people import person_with
from tests.ledger.erasure.planting import MAIL, SAID, fill, replay
from tests.ledger.erasure.searching import found
from tests.ledger.test_postgres import server, workspace

__all__ = ["server", "workspace"]
pytestmark = pytest.mark.slow


def test_the_pages_of_the_server_hold_nothing_of_a_forgotten_person(workspace: Workspace, tmp_path: Path) -> None:
    files = tmp_path.parent / f"{tmp_path.name}-files"
    fill(workspace, files)
    assert _pages(workspace)
    ask_to_forget(workspace, person_with(workspace, f"email:{MAIL}"), "user:meg")
    mill.turn(workspace)
    assert [each.state for each in erasures(workspace)] == ["done"]
    assert found(tmp_path, SAID) == {}
    assert _pages(workspace) == {}
    replay(workspace, files)
    assert found(tmp_path, SAID) == {}
    assert _pages(workspace) == {}


def _pages(workspace: Workspace) -> dict[str, set[str]]:
    """Return where in the server's tables, its log apart, the person stands."""
    with workspace.record.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CHECKPOINT"))
    host = parse_qs(urlsplit(workspace.settings.record.url).query)["host"][0]
    return found(Path(host) / "data" / "base", SAID)
