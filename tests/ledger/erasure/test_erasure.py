"""A person who was forgotten is nowhere, whatever is sent again; totals stand and others are unharmed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hedgerow import mill
from hedgerow.attribution import books, close_period
from hedgerow.kit import HedgerowError
from hedgerow.ledger import (
    Workspace,
    ask_to_forget,
    backup,
    counts,
    drops,
    erasures,
    maintain,
    open_workspace,
    restore,
)
from hedgerow.measures import ask
from hedgerow.measures.measure import Asked
from hedgerow.people import clusters, person_with
from tests.ledger.erasure.planting import DEALS, HANDLE, LOGIN, MAIL, PERSON, SAID, plant, replay, touch
from tests.ledger.erasure.searching import found
from tests.ledger.holding import assert_indexes_equal_the_lake, assert_no_turn_is_open


@pytest.fixture(scope="module")
def _planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    plant(folder).close()
    return folder


@pytest.fixture
def workspace(_planted: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the person in every corner, in a folder of its own."""
    shutil.copytree(_planted / "acme", tmp_path / "acme")
    opened = open_workspace(tmp_path / "acme")
    yield opened
    opened.close()


def forget(workspace: Workspace) -> None:
    """Forget the person."""
    ask_to_forget(workspace, person_with(workspace, f"email:{MAIL}"), "user:meg", f"{MAIL} wrote to us")
    mill.turn(workspace)


def corners(places: dict[str, set[str]]) -> set[str]:
    """Return the corners of a workspace that some places lie in."""
    names = (
        "_delta_log",
        "lake/touches",
        "lake/deals",
        "derived/identifiers",
        "cache",
        "rejects/import-",
        "rejects/contacts-paper",
        "models",
        "spill",
        "index/codes",
    )
    wal = {place for place in places if place.endswith("-wal")}
    return (
        {name for name in names for place in places if name in place} | wal | {p for p in places if p.endswith(".db")}
    )


def test_the_search_finds_the_person_in_every_corner_first(workspace: Workspace, tmp_path: Path) -> None:
    workspace.inbox.accept([touch(40, f"email:{MAIL}")])
    places = found(tmp_path, SAID)
    assert corners(places) >= {
        "_delta_log", "lake/touches", "lake/deals", "derived/identifiers", "cache", "spill", "index/codes",
        "rejects/import-", "rejects/contacts-paper", "models", "acme/record.db", "acme/inbox.db", "acme/inbox.db-wal",
    }  # fmt: skip
    forms = set().union(*places.values())
    assert forms >= {"plain", "percent", "sha256", "base64", "word of sha256"}


def test_a_forgotten_person_is_nowhere_in_any_form(workspace: Workspace, tmp_path: Path) -> None:
    forget(workspace)
    assert found(tmp_path, SAID) == {}
    workspace.close()
    assert found(tmp_path, SAID) == {}
    assert [each.state for each in erasures(workspace)] == ["done"]


def test_what_a_source_sends_again_does_not_bring_them_back(workspace: Workspace, tmp_path: Path) -> None:
    forget(workspace)
    before = _state(workspace)
    for _ in range(2):
        replay(workspace, tmp_path.parent / f"{tmp_path.name}-files")
        assert found(tmp_path, SAID) == {}
    maintain(workspace)
    assert found(tmp_path, SAID) == {}
    assert _state(workspace) == before
    silent = list(drops(workspace)["its person was erased"])
    assert silent and {drop.payload for drop in silent} == {""}
    assert_indexes_equal_the_lake(workspace)


def test_an_older_backup_put_back_does_not_bring_them_back(workspace: Workspace, tmp_path: Path) -> None:
    archive = tmp_path.parent / f"{tmp_path.name}.tar.gz"
    backup(workspace, archive)
    forget(workspace)
    restored = restore(archive, tmp_path / "again")
    assert found(tmp_path / "again", SAID)
    mill.turn(restored)
    assert found(tmp_path, SAID) == {}
    assert _state(restored) == _state(workspace)
    turns = restored.version
    mill.turn(restored)
    assert restored.version == turns
    replay(restored, tmp_path.parent / f"{tmp_path.name}-files")
    assert found(tmp_path, SAID) == {}
    restored.close()


def test_a_backup_put_back_elsewhere_takes_the_tombstones_it_is_given(workspace: Workspace, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    backup(workspace, archive)
    forget(workspace)
    elsewhere = tmp_path / "elsewhere"
    restored = restore(archive, elsewhere / "acme", [tmp_path / "acme.tombstones.json"])
    mill.turn(restored)
    assert found(elsewhere, SAID) == {}
    restored.close()
    with pytest.raises(HedgerowError, match="no tombstones of this workspace"):
        restore(archive, tmp_path / "third", [tmp_path / "elsewhere" / "none.json"])


def test_a_rebuild_is_equal_to_what_is_live(workspace: Workspace) -> None:
    forget(workspace)
    replay(workspace, workspace.folder.parent / "files")
    before = _derived(workspace)
    mill.rebuild(workspace)
    assert _derived(workspace) == before


def test_others_are_unharmed(workspace: Workspace) -> None:
    before = _touches_of(workspace, "email:bob@example.org")
    forget(workspace)
    after = _touches_of(workspace, "email:bob@example.org")
    assert [row["touch_id"] for row in after] == [row["touch_id"] for row in before]
    changed = [new["verb"] for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 5  # the post, the page, the properties, the answer and the mention
    assert next(row["text"] for row in after if row["verb"] == "create") == "Ask erased, or erased. Or erased!"
    assert (
        _touches_of(workspace, "email:anna.lee@example.org")[0]["text"] == "I am somebody else, at anna.lee@example.org"
    )
    assert person_with(workspace, "login:bob-1") == ["device:shared", "email:bob@example.org", "login:bob-1"]
    assert workspace.engine.sql("SELECT count(*) AS n FROM touches WHERE list_contains(claims, 'device:shared')")[
        "n"
    ].to_pylist() == [1]


def test_amounts_and_counts_by_channel_and_month_stay(workspace: Workspace) -> None:
    before, credit = _by_channel(workspace), _whole(workspace)
    forget(workspace)
    assert _by_channel(workspace) == before
    assert _whole(workspace) == credit
    left = workspace.engine.sql("SELECT * FROM residues").to_pylist()
    assert {row["period"] for row in left} == {"2026-01"}
    assert [row["value"] for row in left if row["value"]] == [4200]


def test_closed_periods_stand_and_the_books_still_add_up(workspace: Workspace) -> None:
    close_period(workspace, "2026-01", "user:meg")
    mill.turn(workspace)
    before = books(workspace, "linear")
    forget(workspace)
    after = books(workspace, "linear")
    assert after.closed == before.closed
    assert sum(value for value, _ in after.open.values()) == sum(value for value, _ in before.open.values())


def test_a_claim_across_an_erased_person_ties_nobody(workspace: Workspace) -> None:
    forget(workspace)
    workspace.inbox.accept(
        [
            touch(50, "email:cleo@example.org", claims=(f"login:{LOGIN.upper()}",)),
            touch(51, "email:dora@example.org", claims=(f"login:{LOGIN}", HANDLE)),
            touch(52, f"login:{LOGIN}", claims=("email:cleo@example.org", "email:dora@example.org")),
        ]
    )
    mill.turn(workspace)
    assert person_with(workspace, "email:cleo@example.org") == ["email:cleo@example.org"]
    assert person_with(workspace, "email:dora@example.org") == ["email:dora@example.org"]
    with pytest.raises(HedgerowError, match="Nobody here has"):
        person_with(workspace, f"login:{LOGIN}")


def test_a_code_is_not_given_again(workspace: Workspace) -> None:
    workspace.inbox.accept([touch(60, "email:zoe@example.org")])
    mill.turn(workspace)
    highest = int(clusters(workspace).person.max())
    ask_to_forget(workspace, person_with(workspace, "email:zoe@example.org"), "user:meg")
    mill.turn(workspace)
    workspace.inbox.accept([touch(61, "email:yan@example.org")])
    mill.turn(workspace)
    codes = workspace.engine.sql("SELECT code FROM identifiers WHERE value = 'yan@example.org'")["code"].to_pylist()
    assert codes[0] > highest
    assert_indexes_equal_the_lake(workspace)


def test_two_are_forgotten_at_once_and_each_has_an_entry(workspace: Workspace, tmp_path: Path) -> None:
    for whom in (MAIL, "bob@example.org"):
        ask_to_forget(workspace, person_with(workspace, f"email:{whom}"), "user:meg", "asked")
    mill.turn(workspace)
    assert found(tmp_path, [*SAID, "bob@example.org", "login:bob-1"]) == {}
    entries = workspace.engine.sql("SELECT actor, object, text FROM touches WHERE verb = 'forget'").to_pylist()
    assert [(row["object"], row["text"]) for row in entries] == [("user:meg", "asked")] * 2
    assert all(row["actor"].startswith("erased:") for row in entries)
    assert _by_channel(workspace)
    assert_no_turn_is_open(workspace)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("nobody at all", "is no identifier"),
        ("email:", "is no identifier"),
        ("email:none@example.org", "Nobody here has"),
        ("ip:192.0.2.7", "many people share"),
        ("link:abc", "is of no person"),
    ],
)
def test_whom_nobody_or_many_are_is_refused(workspace: Workspace, said: str, why: str) -> None:
    with pytest.raises(HedgerowError, match=why):
        person_with(workspace, said)


def test_a_device_of_two_people_is_refused(workspace: Workspace) -> None:
    with pytest.raises(HedgerowError, match="more than one person"):
        person_with(workspace, "device:shared")


def test_what_a_user_decided_here_stands_when_they_are_forgotten(workspace: Workspace, tmp_path: Path) -> None:
    ask_to_forget(workspace, person_with(workspace, "user:meg"), "user:meg", "left the company")
    mill.turn(workspace)
    signed = workspace.engine.sql("SELECT verb, actor FROM touches WHERE source = 'hedgerow' ORDER BY verb").to_pylist()
    assert [row["verb"] for row in signed] == ["forget", "undo"]
    assert all(row["actor"].startswith("erased:") for row in signed)
    assert found(tmp_path, ["user:meg"]) == {}
    assert_indexes_equal_the_lake(workspace)


def test_what_will_go_is_counted_before(workspace: Workspace) -> None:
    identifiers = person_with(workspace, f"EMAIL:{MAIL}")
    assert set(identifiers) == {*PERSON, f"user:{LOGIN}"}
    said = counts(workspace, identifiers)
    assert said["deals"] == 2
    assert {"touches", "named_in", "drops", "jobs", "links", "mentions"} <= set(said)


def test_a_place_for_tombstones_that_cannot_be_written_is_refused_before_anything_is_erased(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "acme.tombstones.unfinished").mkdir()
    before = len(_touches_of(workspace, f"email:{MAIL}"))
    ask_to_forget(workspace, [f"email:{MAIL}"], "user:meg")
    with pytest.raises(HedgerowError, match="make its folder writable"):
        mill.turn(workspace)
    assert len(_touches_of(workspace, f"email:{MAIL}")) == before
    (tmp_path / "acme.tombstones.unfinished").rmdir()
    mill.turn(workspace)
    assert found(tmp_path, SAID) == {}


def test_a_lost_copy_of_the_tombstones_is_made_again(workspace: Workspace, tmp_path: Path) -> None:
    forget(workspace)
    kept = (tmp_path / "acme.tombstones.json").read_text()
    assert (tmp_path / "acme.tombstones.json").stat().st_mode & 0o077 == 0
    (tmp_path / "acme.tombstones.json").unlink()
    replay(workspace, tmp_path.parent / f"{tmp_path.name}-files")
    assert found(tmp_path, SAID) == {}
    ask_to_forget(workspace, person_with(workspace, "email:bob@example.org"), "user:meg")
    mill.turn(workspace)
    assert len((tmp_path / "acme.tombstones.json").read_text()) > len(kept)


def test_a_deal_keeps_its_amount_and_its_other_people(workspace: Workspace) -> None:
    forget(workspace)
    rows = {row["id"]: row for row in workspace.engine.sql("SELECT * FROM deals").to_pylist()}
    assert {name: row["amount"] for name, row in rows.items()} == {"d1": 50_000_000, "d2": 7_000_000, "d3": 990_000}
    assert rows["d1"]["people"] == ["email:carl@example.org"]
    assert (rows["d3"]["people"], rows["d3"]["people_codes"]) == (None, None)
    assert DEALS.source == rows["d1"]["source"]


def _touches_of(workspace: Workspace, actor: str) -> list[dict[str, object]]:
    columns = "* EXCLUDE (turn, received_at)"
    query = f"SELECT {columns} FROM touches WHERE actor = '{actor}' ORDER BY occurred_at, touch_id"
    rows: list[dict[str, object]] = workspace.engine.sql(query).to_pylist()
    return rows


def _by_channel(workspace: Workspace) -> dict[str, float]:
    rows = ask(workspace, "touches_by_channel", Asked()).rows.to_pylist()
    return {row["channel"]: sum(r["touches"] for r in rows if r["channel"] == row["channel"]) for row in rows}


def _whole(workspace: Workspace) -> dict[str | None, float]:
    rows = ask(workspace, "credit_by_channel", Asked(model="linear")).rows.to_pylist()
    return {row["currency"]: sum(r["value"] for r in rows if r["currency"] == row["currency"]) for row in rows}


def _state(workspace: Workspace) -> dict[str, list[object]]:
    """Return what the lake holds, apart from when it was written and by which names of nobody."""
    said = "* EXCLUDE (turn, received_at, batch)"
    queries = {
        "touches": f"SELECT {said} EXCLUDE (actor_code, claim_codes) FROM touches WHERE source <> 'hedgerow'",
        "deals": "SELECT * EXCLUDE (turn, stated, received_at, batch, people_codes) FROM deals",
        "residues": "SELECT * EXCLUDE (batch) FROM residues",
    }
    queries["touches"] = queries["touches"].replace("batch) EXCLUDE (actor_code", "batch, actor_code")
    return {name: workspace.engine.sql(f"{query} ORDER BY ALL").to_pylist() for name, query in queries.items()}


def _derived(workspace: Workspace) -> dict[str, list[object]]:
    names = workspace.derived.names()
    return {name: workspace.engine.sql(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in names}
