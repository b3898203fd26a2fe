"""Matching a workspace: what is sure becomes a touch, what is not waits for an answer, and nothing is asked twice."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hedgerow import mill, people
from hedgerow.kit import clock
from hedgerow.ledger import OWN, Touch, Workspace, create_workspace, open_workspace
from tests.people.acting import Acting, groups

Pair = tuple[str, str]
FIRST = "Ann Ben Cleo Dan Eve Finn Gus Hana Ivo Jude Kim Lea Max Nils Olga Pia Quin Rosa Sven Tara"
LAST = "Adler Blake Castro Dyck Ebert Falk Grubb Hirota Ingram Jansen Keller Lorenz Musolino Nowak Otto"
TWICE = 12
"""So many of the town's people are there twice, under a second address; the first few of them hardly say more."""


def townsfolk(count: int = 90) -> list[Touch]:
    """Return touches of `count` people, of whom the first `TWICE` also came under another address, surer each time."""
    found = []
    for number in range(count):
        first, last = FIRST.split()[number % 20], LAST.split()[number * 7 % 15]
        said = {"first_name": first, "last_name": last, "city": ("Leeds", "York", "Bath", "Derby", "Truro")[number % 5]}
        said |= {
            "birth_date": f"19{50 + number % 45}-0{1 + number % 9}-1{number % 10}",
            "phone": f"+49170{9_000 + number}",
        }
        found.append(_touch(f"email:{first}.{last}{number}@mail.example".lower(), said))
        if number < TWICE:
            kept = list(said)[: 3 if number < 4 else 5]
            found.append(_touch(f"email:second{number}@post.example", {name: said[name] for name in kept}))
    return found


def _touch(actor: str, said: dict[str, Any], *claims: str) -> Touch:
    return Touch(
        occurred_at=clock.instant(1_772_000_000_000_000), source="web", verb="identify", actor=actor, claims=claims,
        properties=json.dumps(said),
    )  # fmt: skip


@pytest.fixture(scope="module")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The town's workspace before it was matched, and after."""
    before, after = (tmp_path_factory.mktemp("town") / name for name in ("before", "after"))
    made = create_workspace(before, "The town")
    made.inbox.accept(townsfolk())
    mill.turn(made)
    made.close()
    shutil.copytree(before, after)
    matched = open_workspace(after)
    assert mill.match(matched) >= 6
    matched.close()
    return before, after


@pytest.fixture
def town(_folders: tuple[Path, Path], tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the town's people, not matched yet."""
    yield from _copied(_folders[0], tmp_path / "town")


@pytest.fixture
def matched(_folders: tuple[Path, Path], tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the town's people, matched."""
    yield from _copied(_folders[1], tmp_path / "matched")


def _copied(folder: Path, to: Path) -> Iterator[Workspace]:
    shutil.copytree(folder, to)
    opened = open_workspace(to)
    yield opened
    opened.close()


def _seconds(workspace: Workspace) -> list[list[str]]:
    return [names for names in groups(workspace) if any("second" in name for name in names) and len(names) > 1]


def _proposed(workspace: Workspace) -> list[Pair]:
    return [(row["one"], row["other"]) for row in people.open_proposals(workspace, 1_000)[0]]


def _kept(workspace: Workspace) -> list[dict[str, Any]]:
    return workspace.engine.sql("FROM proposals ORDER BY ALL").to_pylist()  # type: ignore[no-any-return]


def test_who_is_surely_one_is_joined_and_a_second_run_adds_nothing(matched: Workspace) -> None:
    pairs = _seconds(matched)
    assert len(pairs) >= 6
    assert all(re.findall(r"\d+", one) == re.findall(r"\d+", other) for one, other in pairs)
    before, proposed = groups(matched), _kept(matched)
    assert mill.match(matched) == 0
    assert (groups(matched), _kept(matched)) == (before, proposed)


def test_rebuilt_people_and_proposals_are_the_live_ones(matched: Workspace) -> None:
    live = groups(matched), _kept(matched), people.clusters(matched).person.tolist()
    assert live[1]
    mill.rebuild(matched)
    assert (groups(matched), _kept(matched), people.clusters(matched).person.tolist()) == live


def test_bits_of_a_proposal_sum_to_its_weight_and_follow_from_m_and_u(matched: Workspace) -> None:
    rows, whole = people.open_proposals(matched, 1_000)
    assert whole == len(rows) > 0
    for row in rows:
        assert sum(each["bits"] for each in row["why"]) == pytest.approx(row["weight"])
        assert {each["person"] for each in row["people"]} == {row["a"], row["b"]}
        for each in row["why"]:
            assert each["comparison"] == "prior" or 0 < each["m"] <= 1 >= each["u"] > 0


def test_a_match_that_is_taken_back_stays_taken_back_and_is_not_proposed(matched: Workspace) -> None:
    one, other = _seconds(matched)[0]
    acting = Acting(matched)
    [match] = people.matches_of(matched, acting.person(one))
    acting.undo(match["touch_id"])
    assert acting.person(one) != acting.person(other)
    mill.match(matched)
    assert acting.person(one) != acting.person(other)
    assert {one, other} not in [set(pair) for pair in _proposed(matched)]


def test_a_match_that_is_cut_stays_cut(matched: Workspace) -> None:
    one, other = _seconds(matched)[0]
    acting = Acting(matched)
    acting.cut_last(next(row for row in people.evidence_of(matched, acting.person(one)) if row["says"] == "match"))
    mill.match(matched)
    assert acting.person(one) != acting.person(other)
    assert {one, other} not in [set(pair) for pair in _proposed(matched)]


def test_whom_somebody_said_to_be_two_no_matching_joins(matched: Workspace) -> None:
    pairs = _seconds(matched)
    people.write(
        matched,
        [touch for pair in pairs for touch in people.plan_split(matched, pair[:1], "user:imani", "Two.").touches],
    )
    mill.turn(matched)
    mill.match(matched)
    assert _seconds(matched) == []
    assert not {frozenset(pair) for pair in pairs} & {frozenset(pair) for pair in _proposed(matched)}


@pytest.mark.parametrize(
    ("said", "claim"),
    [({}, "mastodon:{}@fedi.example"), ({}, "crm.odoo:{}"), ({"verified": True}, "link:{}")],
    ids=["two accounts of one network", "two rows of one CRM", "two verified addresses"],
)
def test_a_clash_keeps_apart_whom_everything_else_would_join(town: Workspace, said: dict[str, Any], claim: str) -> None:
    for touch in townsfolk():
        name = touch.actor.partition(":")[2].partition("@")[0]
        town.inbox.accept([_touch(touch.actor, said, claim.format(name))])
    mill.turn(town)
    assert mill.match(town) == 0
    assert _proposed(town) == []


def test_what_nobody_could_tell_is_neither_asked_again_nor_joined(matched: Workspace) -> None:
    one, other = _proposed(matched)[0]
    people.write(matched, people.plan_doubt(matched, one, other, "user:imani").touches)
    mill.turn(matched)
    assert (one, other) not in _proposed(matched)
    mill.match(matched)
    assert {one, other} not in [set(pair) for pair in _proposed(matched)]
    doubt = people.decisions(matched)[-1]
    Acting(matched).undo(doubt.touch_id)
    mill.match(matched)
    assert {one, other} in [set(pair) for pair in _proposed(matched)]


def test_matching_is_due_once_enough_is_new_and_not_before(town: Workspace) -> None:
    assert people.matching_due(town)
    mill.match(town)
    assert not people.matching_due(town)
    town.inbox.accept([_touch("email:ann.adler0@mail.example", {"city": "Ulm"})])
    mill.turn(town)
    assert not people.matching_due(town)


def test_a_forgotten_person_is_in_no_proposal(matched: Workspace) -> None:
    one, _ = _proposed(matched)[0]
    Acting(matched).forget(one)
    assert one not in [name for pair in _proposed(matched) for name in pair]
    mill.match(matched)
    assert one not in [name for pair in _proposed(matched) for name in pair]


def test_an_empty_workspace_matches_nobody(workspace: Workspace) -> None:
    assert mill.match(workspace) == 0
    assert people.open_proposals(workspace, 5) == ([], 0)


def test_a_match_says_who_said_it_how_surely_and_why(matched: Workspace) -> None:
    acting = Acting(matched)
    [match] = people.matches_of(matched, acting.person(_seconds(matched)[0][0]))
    assert 0.5 < match["probability"] <= 1
    assert any(each["bits"] > 0 and each["comparison"] == "given_name" for each in match["why"])
    rows = matched.engine.sql(f"SELECT source FROM touches WHERE touch_id = '{match['touch_id']}'").to_pylist()
    assert rows == [{"source": OWN}]
