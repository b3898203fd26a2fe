"""Swarms: who follows every link of a mail within seconds is a program, whatever order its clicks come in."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow import mill
from hedgerow.collect import Map, import_file, undo_import
from hedgerow.journeys import SWARMS
from hedgerow.journeys.swarms import BY_PEOPLE, LINKS, SECONDS
from hedgerow.ledger import Touch, Workspace, create_workspace
from tests.conftest import examples

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = Map(
    source="mail",
    touch=[
        {
            "occurred_at": "time",
            "id": "id",
            "verb": "'click'",
            "actor": "'email:' || who",
            "url": "url",
            "channel": "'Email'",
        }
    ],
)

Click = tuple[str, float, str]
"""Whose hand, seconds after `BEGIN`, which link."""


def _touch(number: int, click: Click) -> Touch:
    hand, seconds, link = click
    return Touch(
        occurred_at=BEGIN + timedelta(seconds=seconds),
        source="links",
        sender_id=str(number),
        verb="click",
        actor=f"click:{number}",
        channel="Email",
        object=f"link:{link}",
        properties=f'{{"from": "{hand}"}}',
    )


def _turned(workspace: Workspace, batches: Iterable[Sequence[Touch]]) -> None:
    for batch in batches:
        workspace.inbox.accept(batch)
        mill.turn(workspace)


def _people(workspace: Workspace) -> set[str]:
    """Return the ids of the clicks that count, each by the number it was made with."""
    query = f"SELECT actor FROM touches SEMI JOIN {BY_PEOPLE} USING (touch_id)"
    return {actor.removeprefix("click:") for actor in workspace.engine.sql(query).to_pydict()["actor"]}


def _expected(clicks: Sequence[Click]) -> set[str]:
    """Say it in the plainest way: a click counts where its hand followed fewer than three links around it."""
    found = set()
    for number, (hand, at, _) in enumerate(clicks):
        near = {link for other, then, link in clicks if other == hand and abs(then - at) <= SECONDS}
        if len(near) < LINKS:
            found.add(str(number))
    return found


def test_a_scanner_that_follows_every_link_of_a_mail_counts_for_nothing(workspace: Workspace) -> None:
    clicks = [("scanner", 0.4 * number, f"l{number}") for number in range(12)]
    clicks += [("ann", 60.0, "l1"), ("ann", 61.0, "l2"), ("bob", 2.0, "l1"), ("bob", 2.5, "l1"), ("bob", 3.0, "l1")]
    _turned(workspace, [[_touch(number, click) for number, click in enumerate(clicks)]])
    assert _people(workspace) == {"12", "13", "14", "15", "16"}
    assert workspace.engine.sql(SWARMS).num_rows == 12


@settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_neither_order_nor_batches_matter(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    click = st.tuples(st.sampled_from("ab"), st.integers(0, 24).map(float), st.sampled_from(["l1", "l2", "l3", "l4"]))
    clicks = data.draw(st.lists(click, min_size=3, max_size=14))
    order = data.draw(st.permutations(range(len(clicks))))
    cut = data.draw(st.integers(0, len(clicks)))
    touches = [_touch(number, clicks[number]) for number in order]
    workspace = create_workspace(tmp_path_factory.mktemp("swarm") / "workspace", "Test")
    _turned(workspace, [part for part in (touches[:cut], touches[cut:]) if part])
    assert _people(workspace) == _expected(clicks)
    workspace.close()


def test_an_import_that_is_undone_makes_nobody_a_program(workspace: Workspace, tmp_path: Path) -> None:
    _write(tmp_path / "own.csv", [("a", 0, "x"), ("b", 2, "y")])
    _write(tmp_path / "more.csv", [("c", 4, "z")])
    import_file(workspace, "touch", tmp_path / "own.csv", MAIL)
    mill.turn(workspace)
    assert _count(workspace) == 2
    more = import_file(workspace, "touch", tmp_path / "more.csv", MAIL)
    mill.turn(workspace)
    assert _count(workspace) == 0
    undo_import(workspace, more.batch, "user:1")
    mill.turn(workspace)
    assert _count(workspace) == 2


def _write(file: Path, rows: Sequence[tuple[str, int, str]]) -> None:
    lines = [
        f"{i},{(BEGIN + timedelta(seconds=s)).isoformat()},bob@example.org,https://example.org/{u}\n"
        for i, s, u in rows
    ]
    file.write_text("id,time,who,url\n" + "".join(lines))


def _count(workspace: Workspace) -> int:
    found: int = workspace.engine.sql(f"SELECT count(*) AS n FROM {BY_PEOPLE} WHERE verb = 'click'")["n"][0].as_py()
    return found
