"""Imports: cut short and gone on with, undone and done again, with counts and rejects that are right."""

import csv
from pathlib import Path

import pytest

from hedgerow.collect import Map, import_file, imports, undo_import
from hedgerow.collect.importing.formats import unpacked
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace, drops
from hedgerow.ledger.intake import move as moving
from tests.ledger.holding import MAP, Row, counts_of, drops_of, live, table_of, touch_of, turned

ROWS: list[Row] = [("" if n % 2 else str(n), n % 7, "ann", "", "", "dance" if n % 10 == 3 else "") for n in range(60)]
SPEND = Map(source="ads", spend=[{"spent_on": "day", "campaign": "name", "cost": "cost", "currency": "'EUR'"}])
DEALS = Map(
    source="crm",
    deal=[{"id": "id", "stage": "stage", "amount": "amount", "currency": "'EUR'", "people": ["'email:' || mail"]}],
)


class Stop(Exception):
    """Somebody pressed the key that stops it."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "file.csv"
    made.write_text(table_of(ROWS))
    return made


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "CHUNK", 500)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("after", [1, 3])
def test_an_import_cut_short_goes_on_where_it_stopped(
    workspace: Workspace, tmp_path: Path, file: Path, after: int
) -> None:
    parts: list[int] = []

    def stop(size: int) -> None:
        parts.append(size)
        if len(parts) == after:
            raise Stop

    with pytest.raises(Stop):
        import_file(workspace, "touch", file, MAP, stop)
    assert [row["state"] for row in imports(workspace)] == ["running"]
    report = import_file(workspace, "touch", file, MAP, parts.append)
    whole = create_workspace(tmp_path / "whole", "Whole")
    assert import_file(whole, "touch", file, MAP).reasons == report.reasons == {"its verb is unknown": 6}
    assert live(workspace) == live(whole)
    assert counts_of(workspace) == counts_of(whole)
    assert drops_of(workspace) == drops_of(whole)
    assert sum(parts) == file.stat().st_size
    whole.close()


@pytest.mark.usefixtures("_small")
def test_the_reject_file_holds_line_reason_and_row_in_order(workspace: Workspace, file: Path) -> None:
    report = import_file(workspace, "touch", file, MAP)
    assert report.rejects
    with report.rejects.open(newline="") as opened:
        rows = list(csv.reader(opened))
    lines = file.read_text().splitlines()
    bad = [number for number, row in enumerate(ROWS, 2) if row[5]]
    assert rows == [["line", "reason", "row"], *([str(n), "its verb is unknown", lines[n - 1]] for n in bad)]
    assert [drop.line for drop in drops(workspace)["its verb is unknown"]] == bad[::-1]


def test_an_undone_import_can_be_done_again(workspace: Workspace, file: Path) -> None:
    first = import_file(workspace, "touch", file, MAP)
    before = live(workspace)
    undo_import(workspace, first.batch, "user:ann")
    turned(workspace)
    assert not live(workspace)
    with pytest.raises(HedgerowError, match="was undone already"):
        undo_import(workspace, first.batch, "user:ann")
    again = import_file(workspace, "touch", file, MAP)
    assert (again.kept, again.batch) == (first.kept, first.batch + 1)
    assert live(workspace) == before


def test_an_import_undone_twice_at_once_is_undone_once(workspace: Workspace, file: Path) -> None:
    import_file(workspace, "touch", file, MAP)
    second = import_file(workspace, "touch", file, MAP)
    undo_import(workspace, 1, "user:ann")
    undo_import(workspace, 1, "user:bob")
    turned(workspace, most=1)
    assert set(live(workspace).values()) == {1}
    assert second.repeated == sum(live(workspace).values())


@pytest.mark.usefixtures("_small")
def test_an_import_undone_while_it_runs_stops(workspace: Workspace, file: Path) -> None:
    def undo(_: int) -> None:
        undo_import(workspace, 1, "user:ann")
        turned(workspace)

    with pytest.raises(HedgerowError, match="was undone while it ran"):
        import_file(workspace, "touch", file, MAP, undo)
    assert not live(workspace)
    import_file(workspace, "touch", file, MAP)
    assert sum(live(workspace).values()) == 54


@pytest.mark.usefixtures("_small")
def test_a_file_imported_by_two_at_once_is_there_once(workspace: Workspace, file: Path) -> None:
    def meanwhile(_: int) -> None:
        import_file(workspace, "touch", file, MAP)

    with pytest.raises(HedgerowError, match="Another process goes on"):
        import_file(workspace, "touch", file, MAP, meanwhile)
    assert sum(live(workspace).values()) == 54
    assert set(live(workspace).values()) == {1}


def test_an_import_that_is_not_there_cannot_be_undone(workspace: Workspace) -> None:
    with pytest.raises(HedgerowError, match="There is no import 7"):
        undo_import(workspace, 7, "user:ann")


def _spend(workspace: Workspace, cost: str) -> int:
    file = workspace.folder / "spend.csv"
    file.write_text(f"day,name,cost\n2026-01-01,spring,{cost}\n2026-01-02,spring,5\n")
    return import_file(workspace, "spend", file, SPEND).batch


def _costs(workspace: Workspace) -> list[int]:
    return [int(cost) for cost in workspace.engine.sql("SELECT cost FROM spend ORDER BY spent_on")["cost"].to_pylist()]


def test_a_restated_row_supersedes_the_earlier_one_and_both_stay(workspace: Workspace) -> None:
    _spend(workspace, "10")
    _spend(workspace, "12")
    assert _costs(workspace) == [1200, 500]
    assert workspace.engine.sql("SELECT count(*) AS n FROM spend_history")["n"][0].as_py() == 3


def test_undoing_a_restatement_brings_the_earlier_row_back(workspace: Workspace) -> None:
    _spend(workspace, "10")
    second = _spend(workspace, "12")
    undo_import(workspace, second, "user:ann")
    turned(workspace)
    assert _costs(workspace) == [1000, 500]


def test_undoing_the_first_of_two_that_say_the_same_leaves_the_second(workspace: Workspace) -> None:
    first = _spend(workspace, "10")
    _spend(workspace, "10")
    undo_import(workspace, first, "user:ann")
    turned(workspace)
    assert _costs(workspace) == [1000, 500]
    _spend(workspace, "10")
    assert workspace.engine.sql("SELECT count(*) AS n FROM spend_history")["n"][0].as_py() == 2


def test_what_an_undone_import_leaves_stands_where_it_was_said(workspace: Workspace) -> None:
    first = _spend(workspace, "10")
    _spend(workspace, "10")
    _spend(workspace, "12")
    undo_import(workspace, first, "user:ann")
    turned(workspace)
    assert _costs(workspace) == [1200, 500]


def test_two_rows_of_one_import_that_contradict_each_other_are_told_apart_by_a_drop(workspace: Workspace) -> None:
    file = workspace.folder / "spend.csv"
    file.write_text("day,name,cost\n2026-01-01,a,x\n2026-01-01,a,5\n2026-01-01,a,5\n2026-01-01,a,6\n")
    report = import_file(workspace, "spend", file, SPEND)
    assert (report.kept, report.repeated, report.dropped) == (1, 1, 2)
    assert _costs(workspace) == [500]
    assert set(report.reasons) == {
        "its cost is no amount of money",
        "another row of this import says otherwise of the same thing",
    }


def test_a_contradiction_is_found_in_a_later_chunk_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    _spend(workspace, "10")
    monkeypatch.setattr(unpacked, "CHUNK", 20)
    file = workspace.folder / "spend.csv"
    file.write_text("day,name,cost\n2026-01-01,spring,10\n2026-01-02,spring,6\n2026-01-01,spring,11\n")
    report = import_file(workspace, "spend", file, SPEND)
    assert (report.kept, report.repeated, report.dropped) == (1, 1, 1)
    assert _costs(workspace) == [1000, 600]


def test_deals_know_their_people_by_code(workspace: Workspace) -> None:
    file = workspace.folder / "deals.csv"
    file.write_text("id,stage,amount,mail\n1,won,10,Ann@Example.org\n2,lost,,bob@example.org\n3,open,5,\n")
    report = import_file(workspace, "deal", file, DEALS)
    rows = workspace.engine.sql("SELECT people, people_codes, amount FROM deals ORDER BY id").to_pylist()
    assert (report.kept, report.dropped) == (3, 0)
    assert [row["people"] for row in rows] == [["email:ann@example.org"], ["email:bob@example.org"], None]
    assert sorted(code for row in rows for code in row["people_codes"] or []) == [0, 1]


def test_a_request_that_cannot_be_kept_is_a_drop_with_its_payload(workspace: Workspace) -> None:
    workspace.inbox.accept([touch_of(("1", 0, "ann", "", "", "dance")), touch_of(("2", 0, "bob", "", "", ""))])
    turned(workspace, moving.MOST)
    [drop] = drops(workspace)["its verb is unknown"]
    assert (drop.batch, drop.line) == (0, 1)
    assert '"actor":"customer:ann"' in drop.payload
    assert sum(live(workspace).values()) == 1
