"""A process that dies anywhere between two durable steps loses nothing, and writes nothing twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hedgerow.collect import import_file, undo_import
from hedgerow.collect.importing.formats import unpacked
from hedgerow.kit import index
from hedgerow.ledger import Workspace, open_workspace
from tests.ledger.dying import Died, dying
from tests.ledger.holding import (
    MAP,
    Template,
    assert_indexes_equal_the_lake,
    assert_no_turn_is_open,
    counts_of,
    drops_of,
    identifiers,
    live,
    table_of,
    template,
    touch_of,
    turned,
)

EARLIER = [("", 0, "ann", "", "Email", ""), ("k1", 1, "bob", "", "Social", ""), ("", 3, "cay", "", "", "")]
FILE = [
    ("", 0, "ann", "", "Email", ""),
    ("", 0, "ann", "", "Email", ""),
    ("k1", 1, "bob", "", "Social", ""),
    ("k1", 1, "bob", "", "Direct", ""),
    ("", 2, "dan", "dan@example.org", "", ""),
    ("", 2, "eve", "", "", "dance"),
    ("", 0, "ann", "", "Email", ""),
    ("", 3, "cay", "cay@example.org", "", ""),
    ("k2", 4, "", "", "", ""),
    ("k3", 4, "fay", "", "", ""),
]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return template(tmp_path_factory)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few rows, and merges of two segments."""
    monkeypatch.setattr(unpacked, "CHUNK", 260)
    monkeypatch.setattr(index, "RUN", 2)


def _held(workspace: Workspace) -> tuple[object, ...]:
    assert_no_turn_is_open(workspace)
    assert_indexes_equal_the_lake(workspace)
    kept = live(workspace)
    assert set(kept.values()) <= {1}
    return kept, sorted(identifiers(workspace).values()), drops_of(workspace), counts_of(workspace)


def _die_at_every_step(copies: Template, before: Workspace, act: Callable[[Workspace], None]) -> int:
    """Act on copies of a workspace, dying before each durable step in turn; then act again, and compare."""
    before.close()
    whole = copies.copy(before.folder)
    with dying(None) as steps:
        act(whole)
    expected = _held(whole)
    copies.drop(whole)
    for fatal in range(steps.done):
        copy = copies.copy(before.folder)
        with pytest.raises(Died), dying(fatal):
            act(copy)
        copy.close()
        again = open_workspace(copy.folder)
        assert_indexes_equal_the_lake(again)
        act(again)
        assert _held(again) == expected, f"died before step {fatal} ({steps.names[fatal + 1]})"
        copies.drop(again)
    return steps.done


@pytest.mark.usefixtures("small")
def test_an_import_that_dies_at_any_step_goes_on_as_if_it_had_not(copies: Template, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text(table_of(FILE))
    earlier = tmp_path / "earlier.csv"
    earlier.write_text(table_of(EARLIER))
    before = copies.copy()
    import_file(before, "touch", earlier, MAP)

    steps = _die_at_every_step(copies, before, lambda workspace: _imported(workspace, file))
    assert steps >= 25


def _imported(workspace: Workspace, file: Path) -> None:
    import_file(workspace, "touch", file, MAP)


@pytest.mark.usefixtures("small")
def test_a_move_with_an_undo_in_it_that_dies_at_any_step_is_made_good(copies: Template, tmp_path: Path) -> None:
    before = copies.copy()
    for number, rows in enumerate((EARLIER, FILE)):
        file = tmp_path / f"{number}.csv"
        file.write_text(table_of(rows))
        import_file(before, "touch", file, MAP)
    before.inbox.accept([touch_of(row) for row in FILE[:2]])
    undo_import(before, 1, "user:ann")
    before.inbox.accept([touch_of(row) for row in FILE[2:]])

    steps = _die_at_every_step(copies, before, lambda workspace: turned(workspace, most=4))
    assert steps >= 20
