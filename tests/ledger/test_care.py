"""Care changes nothing that is told: compaction, vacuum, pruning and indexes made again; and the log names nobody."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hedgerow.collect import import_file, undo_import
from hedgerow.collect.importing.formats import unpacked
from hedgerow.kit import clock
from hedgerow.ledger import Workspace, create_workspace, maintain, open_workspace, rebuild_indexes
from hedgerow.ledger.record import INBOX
from hedgerow.ledger.upkeep import care
from tests.ledger.holding import (
    MAP,
    Row,
    assert_indexes_equal_the_lake,
    identifiers,
    live,
    table_of,
    touch_of,
    turned,
)

ROWS: list[Row] = [
    ("" if n % 2 else str(n), n * 10_000, f"ann{n % 3}", "ann@secret.example", "", "") for n in range(40)
]
NOW = timedelta(0)


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with two imports in many small files, one undone, and something from the inbox."""
    monkeypatch.setattr(unpacked, "CHUNK", 400)
    for number, rows in enumerate((ROWS, ROWS[20:])):
        file = tmp_path / f"{number}.csv"
        file.write_text(table_of(rows))
        import_file(workspace, "touch", file, MAP)
    workspace.inbox.accept([touch_of(row) for row in ROWS[:5]])
    undo_import(workspace, 1, "user:ann")
    turned(workspace)
    return workspace


def test_maintaining_changes_nothing_that_readers_or_indexes_say(filled: Workspace) -> None:
    before = live(filled), identifiers(filled), filled.version
    files = len(filled.lake.files("touches"))
    reader = filled.engine.batches("SELECT touch_id FROM touches WHERE source <> 'hedgerow'", rows=3)
    maintain(filled)
    assert sum(len(batch) for batch in reader) == sum(before[0].values())
    assert len(filled.lake.files("touches")) < files
    assert (live(filled), identifiers(filled), filled.version) == before
    assert_indexes_equal_the_lake(filled)


def test_a_vacuum_removes_the_files_that_no_reader_can_ask_for(filled: Workspace) -> None:
    def stored() -> set[str]:
        return {
            str(file)
            for file in (filled.folder / "lake" / "touches").rglob("*.parquet")
            if "_delta_log" not in str(file)
        }

    held = live(filled)
    maintain(filled)
    assert len(stored()) > len(filled.lake.files("touches"))
    maintain(filled, keep=NOW)
    assert stored() == set(filled.lake.files("touches"))
    filled.close()
    again = open_workspace(filled.folder)
    assert live(again) == held
    assert_indexes_equal_the_lake(again)
    again.close()


def test_requests_stay_a_week_after_they_were_moved(filled: Workspace) -> None:
    def there() -> int:
        with filled.inbox._engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(INBOX)) or 0

    filled.inbox.accept([touch_of(("new", 1, "bob", "", "", ""))])
    maintain(filled)
    assert there() == 3
    with clock.stopped_at(clock.now() + timedelta(days=8)):
        maintain(filled)
    assert there() == 1
    turned(filled)
    assert "customer:bob" in identifiers(filled).values()


def test_an_import_of_many_small_files_leaves_few(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "CHUNK", 60)
    monkeypatch.setattr(care, "MANY", 4)
    file = tmp_path / "file.csv"
    file.write_text(table_of([(str(n), n, "ann", "", "", "") for n in range(12)]))
    import_file(workspace, "touch", file, MAP)
    assert len(workspace.lake.files("touches")) == 1
    assert sum(live(workspace).values()) == 12


def test_indexes_that_were_lost_are_made_again(filled: Workspace) -> None:
    before = live(filled)
    rebuild_indexes(filled)
    assert_indexes_equal_the_lake(filled)
    for file in (filled.folder / "index" / "ids").glob("*.sorted"):
        file.unlink()
    file = filled.folder / "again.csv"
    file.write_text(table_of(ROWS[20:]))
    assert import_file(filled, "touch", file, MAP).kept == 0
    assert live(filled) == before


def _actions(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for entry in sorted(folder.glob("*/_delta_log/*.json")):
        for line in entry.read_text("utf-8").splitlines():
            yield line, json.loads(line)


def test_the_log_of_the_lake_names_nobody(filled: Workspace) -> None:
    maintain(filled)
    lines = list(_actions(filled.folder / "lake"))
    added = [action["add"] for _, action in lines if "add" in action]
    assert added
    for line, _ in lines:
        assert "secret.example" not in line
        assert "customer:" not in line
        assert "user:ann" not in line
    stated = {name for add in added for name in json.loads(str(add["stats"] or "{}")).get("minValues", {})}  # type: ignore[index]
    assert "occurred_at" in stated
    personal = {"actor", "claims", "account", "object", "text", "title", "url", "referrer", "properties", "user_agent"}
    assert not stated & personal


@pytest.mark.parametrize("name", ["a b", "it's", "ünï", "a=b", "a:b", "#1"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    workspace = create_workspace(tmp_path / name, "Test")
    file = tmp_path / "file.csv"
    file.write_text(table_of(ROWS))
    import_file(workspace, "touch", file, MAP)
    maintain(workspace, keep=NOW)
    assert sum(live(workspace).values()) == 40
    workspace.close()
