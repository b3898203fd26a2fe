"""Laws of the ledger: order, repetition and boundaries change nothing; what is remembered equals what is there."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.collect import import_file, undo_import
from hedgerow.collect.importing.formats import unpacked
from hedgerow.kit import HedgerowError, clock, index
from hedgerow.ledger import Engine, Workspace, rebuild_indexes
from hedgerow.ledger.touch import REPEATS
from tests.ledger.holding import (
    MAP,
    Row,
    Template,
    assert_indexes_equal_the_lake,
    identifiers,
    live,
    table_of,
    template,
    touch_of,
    turned,
)

LAW = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "RUN", 2)
        yield template(tmp_path_factory)


def _row(draw: st.DrawFn, sender_id: str) -> Row:
    """Return a row; one with an id says the same each time, so that no two contradict each other."""
    if sender_id:
        number = int(sender_id)
        return (sender_id, number, "abc"[number % 3], "x@y.z" if number % 2 else "", "Email", "")
    who = st.sampled_from("abc")
    return ("", draw(st.integers(0, 2)), draw(who), draw(st.sampled_from(["", "m@n.o"])), "", draw(_VERB))


_VERB = st.sampled_from(["", "view"])


@st.composite
def _rows(draw: st.DrawFn, ids: st.SearchStrategy[str], least: int = 1) -> list[Row]:
    listed = draw(st.lists(ids, min_size=least, max_size=8))
    return [_row(draw, sender_id) for sender_id in listed]


MIXED = st.sampled_from(["", "", "1", "2", "3"])
NAMED = st.sampled_from(["1", "2", "3", "4", "5"])


def _import(workspace: Workspace, rows: list[Row], chunk: int = 1 << 20) -> int:
    file = workspace.folder / "file.csv"
    file.write_text(table_of(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacked, "CHUNK", chunk)
        return import_file(workspace, "touch", file, MAP).batch


@LAW
@given(data=st.data(), rows=_rows(NAMED, least=3))
def test_any_order_repetition_and_boundary_gives_the_same_touches(
    copies: Template, data: st.DataObject, rows: list[Row]
) -> None:
    first, second = copies.copy(), copies.copy()
    _import(first, rows)
    again = data.draw(st.permutations([*rows, *data.draw(st.lists(st.sampled_from(rows), max_size=4))]))
    cut = data.draw(st.integers(0, len(again)))
    for row in again[:cut]:
        second.inbox.accept([touch_of(row)])
    turned(second, most=data.draw(st.integers(1, 4)))
    if again[cut:]:
        _import(second, again[cut:], chunk=data.draw(st.integers(40, 300)))
    assert live(first) == live(second)
    assert set(live(first).values()) == {1}
    assert sorted(identifiers(first).values()) == sorted(identifiers(second).values())
    copies.drop(first)
    copies.drop(second)


@LAW
@given(rows=_rows(MIXED), chunk=st.integers(40, 200))
def test_equal_rows_of_one_file_stay_apart_across_chunks_too(copies: Template, rows: list[Row], chunk: int) -> None:
    workspace, whole = copies.copy(), copies.copy()
    _import(workspace, rows, chunk)
    _import(whole, rows)
    assert live(workspace) == live(whole)
    assert sum(live(workspace).values()) == _apart(rows)
    _import(workspace, list(reversed(rows)), chunk)
    assert live(workspace) == live(whole)
    assert_indexes_equal_the_lake(workspace)
    copies.drop(workspace)
    copies.drop(whole)


def _apart(rows: list[Row]) -> int:
    return len({row for row in rows if row[0]}) + len([row for row in rows if not row[0]])


@LAW
@given(data=st.data())
def test_imports_and_undos_in_any_order_leave_what_the_imports_in_force_would_give(
    copies: Template, data: st.DataObject
) -> None:
    workspace, only = copies.copy(), copies.copy()
    done: list[tuple[int, list[Row]]] = []
    for _ in range(data.draw(st.integers(2, 6))):
        if data.draw(st.booleans()) and done:
            batch, _rows_undone = done.pop(data.draw(st.integers(0, len(done) - 1)))
            undo_import(workspace, batch, "user:ann")
            if data.draw(st.booleans()):
                turned(workspace)
        else:
            rows = data.draw(_rows(MIXED))
            done.append((_import(workspace, rows), rows))
    turned(workspace)
    for _, rows in data.draw(st.permutations(done)):
        _import(only, rows)
    assert live(workspace) == live(only)
    assert_indexes_equal_the_lake(workspace)
    copies.drop(workspace)
    copies.drop(only)


@LAW
@given(first=_rows(MIXED), then=_rows(MIXED))
def test_indexes_made_again_from_the_lake_give_the_same_answers(
    copies: Template, first: list[Row], then: list[Row]
) -> None:
    workspace, rebuilt = copies.copy(), copies.copy()
    for each in (workspace, rebuilt):
        batch = _import(each, first)
        _import(each, then)
        undo_import(each, batch, "user:ann")
        turned(each)
    rebuild_indexes(rebuilt)
    for each in (workspace, rebuilt):
        _import(each, first)
        each.inbox.accept([touch_of(row) for row in then])
        turned(each)
    assert live(workspace) == live(rebuilt)
    assert identifiers(workspace) == identifiers(rebuilt)
    copies.drop(workspace)
    copies.drop(rebuilt)


def test_a_request_sent_again_adds_nothing_and_equal_touches_in_it_stay_apart(workspace: Workspace) -> None:
    rows: list[Row] = [("", 1, "ann", "", "", "")] * 2
    for _ in range(3):
        workspace.inbox.accept([touch_of(row) for row in rows])
        turned(workspace)
    assert sum(live(workspace).values()) == 2


def test_an_import_that_is_a_part_of_an_earlier_one_adds_nothing(workspace: Workspace) -> None:
    rows: list[Row] = [("", minute, "ann", "", "", "") for minute in range(9)]
    _import(workspace, rows)
    _import(workspace, rows[3:6])
    assert live(workspace) == Counter(dict.fromkeys(live(workspace), 1))
    assert len(live(workspace)) == 9


def test_the_same_id_with_other_content_is_a_drop_that_says_so(workspace: Workspace, tmp_path: Path) -> None:
    _import(workspace, [("1", 0, "ann", "", "", "")])
    file = tmp_path / "other.csv"
    file.write_text(table_of([("1", 0, "ann", "", "", ""), ("1", 0, "bob", "", "", ""), ("2", 0, "cay", "", "", "")]))
    report = import_file(workspace, "touch", file, MAP)
    assert (report.kept, report.repeated, report.dropped) == (1, 1, 1)
    assert report.reasons == {"the same id came before with other content": 1}


@pytest.mark.parametrize("chunk", [45, 100, 150])
def test_seven_equal_rows_are_seven_touches_wherever_the_file_is_cut(workspace: Workspace, chunk: int) -> None:
    rows: list[Row] = [("", 1, "ann", "", "", "")] * 7
    _import(workspace, rows, chunk)
    assert sum(live(workspace).values()) == len(live(workspace)) == 7
    _import(workspace, rows[:5], chunk)
    assert sum(live(workspace).values()) == 7
    _import(workspace, [*rows, *rows], chunk)
    assert sum(live(workspace).values()) == 14


def test_an_earlier_day_shows_what_was_shared_once_before_and_after_an_undo(workspace: Workspace) -> None:
    rows: list[Row] = [("1", 1, "ann", "", "", ""), ("2", 1, "bob", "", "", "")]
    instants = [clock.now()]
    first = _import(workspace, rows)
    instants.append(clock.now())
    _import(workspace, rows[:1])
    instants.append(clock.now())
    undo_import(workspace, first, "user:ann")
    turned(workspace)
    instants.append(clock.now())
    counts = []
    for instant in instants:
        engine = Engine(workspace.lake, workspace.derived, workspace.record, until=instant)
        counts.append(engine.sql("SELECT count(*) AS n FROM touches WHERE source = 'shop'")["n"][0].as_py())
        engine.close()
    assert counts == [0, 2, 2, 1]


def test_a_turn_is_appended_to_a_table_once(workspace: Workspace) -> None:
    _import(workspace, [("1", 1, "ann", "", "", "")])
    number = workspace.version
    rows = pa.table({"kind": ["touches"], "said": ["x"], "batch": [1], "turn": [number]}, schema=REPEATS.schema)
    workspace.lake.append("repeats", rows, number)
    workspace.lake.append("repeats", rows, number)
    workspace.lake.append("repeats", rows, number - 1)
    assert workspace.engine.sql("SELECT count(*) AS n FROM repeats")["n"][0].as_py() == 1


def test_a_request_is_received_when_it_came_not_when_it_was_moved(workspace: Workspace) -> None:
    instant = datetime(2026, 5, 1, tzinfo=UTC)
    with clock.stopped_at(instant):
        workspace.inbox.accept([touch_of(("1", 1, "ann", "", "", ""))])
    turned(workspace)
    assert workspace.engine.sql("SELECT received_at FROM touches")["received_at"][0].value == clock.microseconds(
        instant
    )


def test_what_cannot_be_kept_is_refused_at_the_door(workspace: Workspace) -> None:
    good = touch_of(("1", 1, "ann", "", "", ""))
    for bad in (
        msgspec.structs.replace(good, occurred_at=datetime(2026, 1, 1)),
        msgspec.structs.replace(good, value=1 << 63),
        msgspec.structs.replace(good, text="\ud800"),
    ):
        with pytest.raises(HedgerowError):
            workspace.inbox.accept([good, bad])
    workspace.inbox.accept([])
    workspace.inbox.accept([msgspec.structs.replace(good, properties="no object", value=1 << 62)])
    workspace.inbox.accept([msgspec.structs.replace(good, claims=(" Email:Ann@Example.org ", "email:ann@example.org"))])
    turned(workspace)
    assert set(identifiers(workspace).values()) == {"customer:ann", "email:ann@example.org"}
    assert sum(live(workspace).values()) == 1
