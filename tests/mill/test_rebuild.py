"""Rebuild equals live; any order and any repetition of the same touches gives the same state."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow import mill
from hedgerow.attribution import credits_by, model_shelf
from hedgerow.journeys import walk, way_of
from hedgerow.ledger import Touch, Workspace, create_workspace, open_workspace
from hedgerow.people import clusters
from tests.conftest import examples, import_village

START = datetime(2026, 3, 1, tzinfo=UTC)
DERIVED = ("evidence", "identifiers", "marks", "points", "clicks", "statements")


def _derived(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    return {name: workspace.engine.sql(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in DERIVED}


def _credit(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    models = [*model_shelf(), "markov:2"]
    credited = credits_by(walk(workspace, way_of(workspace)), models)
    return {model: part.rows(model).to_pylist() for model, part in zip(models, credited, strict=True)}


def test_rebuild_equals_live_row_for_row_on_the_village(workspace: Workspace, village_files: Path) -> None:
    import_village(workspace, village_files)
    live, credit = _derived(workspace), _credit(workspace)
    assert live["marks"]
    assert live["evidence"]
    mill.rebuild(workspace)
    assert _derived(workspace) == live
    assert _credit(workspace) == credit


def test_a_workspace_rebuilt_elsewhere_while_it_is_served_answers_the_same(
    workspace: Workspace, village_files: Path
) -> None:
    import_village(workspace, village_files)
    before = _credit(workspace)
    other = open_workspace(workspace.folder)
    mill.rebuild(other)
    other.close()
    assert _credit(workspace) == before


def test_rules_and_sites_that_change_reach_all_of_history(workspace: Workspace) -> None:
    seen = Touch(
        occurred_at=START,
        source="web",
        verb="view",
        actor="anonymous:1",
        url="https://acme.example/blog/one",
        referrer="https://shop.acme-store.example/",
    )
    workspace.inbox.accept([seen])
    mill.turn(workspace)
    marked = "SELECT channel_group FROM marks"
    assert workspace.engine.sql(marked)["channel_group"].to_pylist() == ["Referral"]
    file = workspace.folder / "hedgerow.toml"
    file.write_text(file.read_text("utf-8").replace("sites = []", 'sites = ["acme-store.example"]'), "utf-8")
    changed = open_workspace(workspace.folder)
    mill.turn(changed)
    assert changed.engine.sql(marked)["channel_group"].to_pylist() == [None]
    changed.close()


_TOUCH = st.builds(
    lambda number, actor, claim, channel, hour, worth: Touch(
        occurred_at=START + timedelta(hours=hour),
        source="web",
        sender_id=str(number),
        verb="purchase" if worth else "view",
        actor=f"anonymous:{actor}",
        claims=(f"email:{claim}@x.example",) if claim else (),
        channel=channel,
        value=worth or None,
        currency="EUR" if worth else None,
    ),
    st.integers(0, 1_000_000),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from(["Email", "Paid Search", "Organic Social", None]),
    st.integers(0, 20),
    st.sampled_from([0, 0, 999, 12_345]),
)


def _state(batches: list[list[Touch]]) -> tuple[Any, Any, Any]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder), "Law")
        for batch in batches:
            workspace.inbox.accept(batch)
            mill.turn(workspace)
        touches = workspace.engine.sql("SELECT touch_id, occurred_at, actor, value FROM touches ORDER BY ALL")
        people = workspace.engine.sql(
            "SELECT kind || ':' || value AS name, code FROM identifiers ORDER BY name"
        ).to_pylist()
        person = clusters(workspace).person
        groups: dict[int, list[str]] = {}
        for row in people:
            groups.setdefault(int(person[row["code"]]), []).append(row["name"])
        state = touches.to_pylist(), sorted(groups.values()), _credit(workspace)
        workspace.close()
        return state


@settings(max_examples=examples(3), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_TOUCH, min_size=1, max_size=14, unique_by=lambda touch: touch.sender_id), st.randoms(), st.data())
def test_any_order_and_repetition_of_touches_gives_the_same_state(
    touches: list[Touch], chance: Any, data: st.DataObject
) -> None:
    again = [*touches, *data.draw(st.lists(st.sampled_from(touches), max_size=6))]
    chance.shuffle(again)
    cut = data.draw(st.integers(0, len(again)))
    assert _state([batch for batch in (again[:cut], again[cut:]) if batch]) == _state([touches])
