"""Scores through the mill: exact at any time, whatever the order of arrival; live is rebuild; nothing of programs."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow import mill
from hedgerow.collect import Map, import_file, undo_import
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Touch, Workspace, create_workspace
from hedgerow.people import clusters
from hedgerow.score import changed, community_scores, explain, person_of, scores
from tests.conftest import examples, import_village

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = START + timedelta(days=30)
ANN = "email:ann@acme.example"


def _touch(hours: float, verb: str, actor: str = ANN, **said: Any) -> Touch:
    return Touch(occurred_at=START + timedelta(hours=hours), source="web", verb=verb, actor=actor, **said)


def _turned(workspace: Workspace, *touches: Touch) -> None:
    workspace.inbox.accept(touches)
    mill.turn(workspace)


def _score(workspace: Workspace, at: datetime = LATER, who: str = ANN, **more: Any) -> dict[str, Any]:
    rows = scores(workspace, at, people=pa.array([person_of(workspace, who)]), **more).to_pylist()
    return rows[0] if rows else {}


_TOUCH = st.builds(
    lambda number, actor, claim, did, minutes: Touch(
        occurred_at=START + timedelta(minutes=minutes),
        source="web",
        sender_id=str(number),
        actor=f"anonymous:{actor}",
        claims=(f"email:{claim}@x.example",) if claim else (),
        verb=did[0],
        channel=did[1],
        url=did[2],
        relation=did[3],
    ),
    st.integers(0, 1_000_000),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from(
        [
            ("view", None, "https://x.example/pricing", None),
            ("view", "Advocate", "https://x.example/blog/a", None),
            ("submit", None, "https://x.example/demo", None),
            ("create", "Community", "https://forum.x.example/1", "reply"),
            ("create", "Community", "https://other.x.example/1", "reply"),
            ("download", "Email", None, None),
            ("unsubscribe", None, None, None),
            ("identify", None, None, None),
        ]
    ),
    st.integers(0, 4 * 24 * 60),
)
_INSTANTS = (START + timedelta(hours=30), START + timedelta(days=5), START + timedelta(days=40))


def _named(workspace: Workspace) -> dict[int, tuple[str, ...]]:
    """Return each person's identifiers: numbers of people depend on what came first, names don't."""
    rows = workspace.engine.sql("SELECT code, kind || ':' || value AS name FROM identifiers ORDER BY name").to_pylist()
    person, names = clusters(workspace).person, dict[int, tuple[str, ...]]()
    for row in rows:
        who = int(person[row["code"]])
        names[who] = (*names.get(who, ()), row["name"])
    return names


def _state(batches: list[list[Touch]]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder), "Law", zone="Europe/Berlin")
        for batch in batches:
            _turned(workspace, *batch)
        names = _named(workspace)
        found = []
        for at in _INSTANTS:
            for table in (scores(workspace, at), community_scores(workspace, at)):
                rows = [{**row, "person": names[row["person"]]} for row in table.to_pylist()]
                found.append(sorted(rows, key=repr))
        workspace.close()
        return found


@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_TOUCH, min_size=1, max_size=16, unique_by=lambda touch: touch.sender_id), st.randoms(), st.data())
def test_any_order_and_any_batches_give_the_same_scores_to_the_bit(
    touches: list[Touch], chance: Any, data: st.DataObject
) -> None:
    again = [*touches, *data.draw(st.lists(st.sampled_from(touches), max_size=4))]
    chance.shuffle(again)
    cut = data.draw(st.integers(0, len(again)))
    assert _state([batch for batch in (again[:cut], again[cut:]) if batch]) == _state([touches])


def test_rebuild_equals_live_row_for_row_on_the_village(workspace: Workspace, village_files: Path) -> None:
    import_village(workspace, village_files)
    query = "SELECT * FROM points ORDER BY ALL"
    live, at = workspace.engine.sql(query), datetime(2026, 6, 1, tzinfo=UTC)
    scored, communities = scores(workspace, at), community_scores(workspace, at)
    assert len(live) > 1_000
    assert len(scored) > 50
    assert len(communities) > 10
    mill.rebuild(workspace)
    assert workspace.engine.sql(query).equals(live)
    assert scores(workspace, at).equals(scored)
    assert community_scores(workspace, at).equals(communities)


def test_some_people_are_scored_as_among_all(village_workspace: Workspace) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    everybody = scores(village_workspace, at)
    some = everybody["person"].take(pa.array(range(0, len(everybody), 3)))
    assert (
        scores(village_workspace, at, people=some).to_pylist()
        == everybody.take(pa.array(range(0, len(everybody), 3))).to_pylist()
    )


def test_the_points_of_an_explanation_sum_to_the_score(village_workspace: Workspace) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    best = scores(village_workspace, at).sort_by([("points", "descending")]).to_pylist()[:5]
    for row in best:
        said = explain(village_workspace, row["person"], at)
        assert said.score == row
        assert round(sum(said.points["counts"].to_pylist()) * 1e6) == round(row["points"] * 1e6) > 0
        assert sum(said.fits["points"].to_pylist()) == (row["fit_points"] or 0)
        assert said.points["touch_id"].null_count == 0
        assert all(says.endswith(".") for says in said.points["says"].to_pylist())


def test_a_score_is_the_same_whichever_identifier_acted_once_they_are_one_person(workspace: Workspace) -> None:
    pages = {"url": "https://x.example/pricing"}
    _turned(workspace, _touch(0, "view", "anonymous:1", **pages), _touch(1, "view", "anonymous:2", **pages))
    apart = [_score(workspace, START + timedelta(hours=1), f"anonymous:{n}")["points"] for n in (1, 2)]
    numbers = [person_of(workspace, f"anonymous:{n}") for n in (1, 2)]
    assert apart[1] == 8
    before = workspace.engine.sql("SELECT count(*) AS n FROM points")["n"][0].as_py()
    claims = (ANN,)
    _turned(workspace, *(_touch(2, "identify", f"anonymous:{n}", claims=claims) for n in (1, 2)))
    one = _score(workspace, START + timedelta(hours=1))
    assert explain(workspace, max(numbers), START + timedelta(hours=1)).score == one
    assert round(one["points"], 2) == round(apart[0] + 4, 2)  # the day's cap of 12 is the person's, not the device's
    assert workspace.engine.sql("SELECT count(*) AS n FROM points")["n"][0].as_py() == before


def test_a_late_touch_takes_its_place_in_the_day(workspace: Workspace) -> None:
    pages = {"url": "https://x.example/pricing"}
    _turned(workspace, _touch(5, "view", **pages), _touch(6, "view", **pages))
    assert [row["granted"] for row in _explained(workspace)] == [8, 4]
    _turned(workspace, _touch(1, "view", **pages))
    assert [row["granted"] for row in _explained(workspace)] == [8, 4, 0]


def _explained(workspace: Workspace, at: datetime = LATER) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = explain(workspace, person_of(workspace, ANN), at).points.to_pylist()
    return rows[::-1]


def test_a_score_is_asked_for_as_of_a_past_time_and_as_it_was_known(workspace: Workspace) -> None:
    with clock.stopped_at(START + timedelta(days=1)):
        _turned(workspace, _touch(0, "download"))
    with clock.stopped_at(START + timedelta(days=9)):
        _turned(workspace, _touch(2, "download", title="late"), _touch(24 * 8, "submit", title="See a demo"))
    day = START + timedelta(days=2)
    assert round(_score(workspace, day)["points"]) == 15
    assert round(_score(workspace, day, known_at=START + timedelta(days=3))["points"]) == 8
    assert round(_score(workspace, START + timedelta(days=8))["points"]) == 53
    assert _score(workspace, START - timedelta(days=1)).get("points", 0) == 0


def test_programs_and_swarms_change_no_score(workspace: Workspace) -> None:
    _turned(workspace, _touch(0, "click", channel="Email", url="https://x.example/1"))
    alone = _score(workspace)
    assert alone["points"] > 0
    swarm = [
        _touch(3 + number / 3600, "click", channel="Email", url=f"https://x.example/{number}") for number in range(9)
    ]
    bot = _touch(4, "view", user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)", url="https://x.example/pricing")
    _turned(workspace, bot, _touch(5, "fetch", url="https://x.example/pricing"), *swarm)
    assert _score(workspace) == alone
    assert scores(workspace, LATER).to_pylist() == [alone]


def test_a_swarm_shows_by_clicks_put_down_to_others(workspace: Workspace) -> None:
    def click(number: int, actor: str) -> Touch:
        said: dict[str, Any] = {"object": f"link:{number}", "properties": '{"from": "192.0.2.7"}', "channel": "Email"}
        at = START + timedelta(seconds=number)
        return Touch(occurred_at=at, source="links", sender_id=str(number), verb="click", actor=actor, **said)

    _turned(workspace, click(0, ANN), click(1, "email:bob@acme.example"))
    assert _score(workspace)["points"] > 0
    _turned(workspace, click(2, "email:cy@acme.example"))
    assert _score(workspace)["points"] == 0
    assert set(scores(workspace, LATER)["points"].to_pylist()) == {0}


def test_an_import_that_is_undone_gives_no_points(workspace: Workspace, tmp_path: Path) -> None:
    sent = Map(source="file", touch=[{"occurred_at": "time", "verb": "'download'", "actor": "who"}])
    (tmp_path / "rows.csv").write_text(f"time,who\n{START.isoformat()},{ANN}\n")
    brought = import_file(workspace, "touch", tmp_path / "rows.csv", sent)
    mill.turn(workspace)
    assert _score(workspace, START)["points"] == 8
    undo_import(workspace, brought.batch, "user:1")
    mill.turn(workspace)
    assert len(scores(workspace, START).filter(pa.compute.field("points") > 0)) == 0


def test_each_community_is_scored_by_itself_and_all_together(workspace: Workspace) -> None:
    def answer(hours: float, host: str) -> Touch:
        return _touch(hours, "create", channel="Community", relation="reply", url=f"https://{host}/t/{hours}")

    _turned(workspace, answer(0, "forum.a.example"), answer(1, "forum.b.example"), answer(30, "forum.a.example"))
    rows = community_scores(workspace, START + timedelta(hours=30)).to_pylist()
    assert [row["community"] for row in rows] == ["forum.a.example", "forum.b.example"]
    # The day's cap of 24 holds over both: 12.5 and 11.5; a day later 12.5 more.
    assert [round(row["points"]) for row in rows] == [25, 11]
    assert _score(workspace, START + timedelta(hours=30))["community_points"] == pytest.approx(
        sum(row["points"] for row in rows)
    )


def test_fit_and_engagement_make_a_grade(workspace: Workspace) -> None:
    told = '{"job_title": "CTO", "company": {"name": "Acme", "employees": 400}, "first_name": "Ann", "country": "DE"}'
    _turned(workspace, _touch(0, "identify", properties=told), _touch(1, "submit", title="See a demo"))
    now, later = _score(workspace, START + timedelta(hours=1)), _score(workspace, START + timedelta(days=300))
    assert (now["fit"], now["engagement"], now["grade"]) == (70, 50, "A2")
    assert now["score"] == 0.4 * 70 + 0.6 * 50
    assert (later["fit"], later["grade"]) == (70, "A4")
    known_later = '{"job_title": "Student"}'
    _turned(workspace, _touch(48, "identify", properties=known_later))
    assert _score(workspace, START + timedelta(hours=1)) == now
    assert _score(workspace, START + timedelta(hours=49))["fit"] == 10


def test_whose_score_a_turn_may_have_changed_is_told(workspace: Workspace) -> None:
    bob = "email:bob@acme.example"
    _turned(workspace, _touch(0, "download"), _touch(0, "download", bob), _touch(0, "view", "anonymous:1"))
    first = workspace.version
    whole = scores(workspace, LATER)
    assert changed(workspace, 0, first).to_pylist() == whole["person"].to_pylist()
    _turned(workspace, _touch(1, "identify", "anonymous:1", claims=(bob,)))
    told = changed(workspace, first, workspace.version).to_pylist()
    assert told == [person_of(workspace, bob)]
    assert changed(workspace, workspace.version, workspace.version).to_pylist() == []


def test_who_is_not_there_is_refused_in_a_sentence(workspace: Workspace) -> None:
    assert len(scores(workspace)) == len(community_scores(workspace)) == 0
    with pytest.raises(HedgerowError, match="write it as kind:value"):
        person_of(workspace, "ann")
    with pytest.raises(HedgerowError, match="look them up by an identifier"):
        explain(workspace, 7)


def test_other_rules_reach_all_of_history(workspace: Workspace) -> None:
    _turned(workspace, _touch(0, "download"))
    assert _score(workspace, START)["points"] == 8
    file = workspace.folder / "hedgerow.toml"
    file.write_text(file.read_text("utf-8") + "[score.signals.download]\npoints = 5\n", "utf-8")
    changed = create_workspace(workspace.folder, "Test")
    mill.turn(changed)
    assert _score(changed, START)["points"] == 5
    changed.close()
