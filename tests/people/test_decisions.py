"""Decisions: merges, splits, cuts and their undoing, and what they leave of profiles and consents."""

from datetime import UTC, datetime
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from hedgerow import mill, people
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, open_workspace
from hedgerow.people.clusters import suppose
from hedgerow.people.decisions import weighed
from tests.people.acting import Acting, groups

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "who_is_who.yaml").read_text("utf-8"))
ANN, BOB, CIM, DEE, EVE = (f"email:{name}@x.example" for name in ("ann", "bob", "cim", "dee", "eve"))


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_who_is_who(case: dict[str, Any], workspace: Workspace) -> None:
    acting = Acting(workspace)
    for step in case["do"]:
        acting.do(step)
    assert groups(workspace) == sorted(case["people"])
    folded = people.clusters(workspace)
    other = open_workspace(workspace.folder)
    anew = people.clusters(other)
    other.close()
    assert anew.person.tolist() == folded.person.tolist()
    assert anew.shared.tolist() == folded.shared.tolist()
    assert anew.refused.tolist() == folded.refused.tolist()


def test_four_merges_are_undone_in_every_order_and_give_back_the_same_people_and_profiles(workspace: Workspace) -> None:
    acting = Acting(workspace)
    for name in (ANN, BOB, CIM, DEE, EVE):
        acting.touch(name, properties={"name": name, "city": name[6:9]})
    alone = people.clusters(workspace).person.tolist()
    profiles = people.profiles(workspace).to_pylist()
    merges = [acting.merge(*pair) for pair in pairwise((ANN, BOB, CIM, DEE, EVE))]
    assert groups(workspace) == [[ANN, BOB, CIM, DEE, EVE]]
    made = people.decisions(workspace)
    seen: dict[frozenset[int], list[int]] = {}
    for order in permutations(range(4)):
        for step in (2, 4):
            undone = [_undoing(merges[place], number) for number, place in enumerate(order[:step])]
            known = suppose(workspace, weighed(workspace, [*made, *undone]))
            same = seen.setdefault(frozenset(order[:step]), known.person.tolist())
            assert known.person.tolist() == same, "whatever the order in which they were undone"
        assert known.person.tolist() == alone
        assert people.profiles(workspace, None, known).to_pylist() == profiles
    for merge in (merges[2], merges[0], merges[3], merges[1]):
        acting.undo(merge)
    assert people.clusters(workspace).person.tolist() == alone
    assert people.profiles(workspace).to_pylist() == profiles


def _undoing(touch_id: str, number: int) -> people.Decision:
    at = datetime(2027, 1, 1, number, tzinfo=UTC)
    return people.Decision(f"undo {number}", at, "undo", "user:imani", "", (), (), f"touch:{touch_id}", {})


def test_the_oldest_id_survives_a_merge_and_a_split_gives_back_the_ones_there_were(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN)
    acting.touch(BOB)
    ann, bob = (acting.person(name) for name in (ANN, BOB))
    acting.merge(BOB, ANN)
    assert acting.person(ANN) == acting.person(BOB) == min(ann, bob)
    assert people.clusters(workspace).person[bob] == ann, "an old id says whose it is now"
    acting.split([BOB])
    assert (acting.person(ANN), acting.person(BOB)) == (ann, bob)


def test_what_one_refused_is_refused_by_both_once_they_are_merged_and_by_both_when_they_are_split(
    workspace: Workspace,
) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, verb="unsubscribe")
    acting.touch(BOB, verb="consent", object="mail")
    acting.merge(ANN, BOB)
    assert acting.refused(BOB) == ["mail"]
    acting.split([BOB])
    assert (acting.refused(ANN), acting.refused(BOB)) == (["mail"], ["mail"])


def test_a_merge_by_hand_makes_one_person_of_two_whichever_of_their_identifiers_names_them(
    workspace: Workspace,
) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "crm:1")
    acting.touch("mastodon:ann@s.example", ANN)
    acting.touch("mastodon:ann@s.example", verb="block")
    acting.touch(BOB, "crm:2")
    acting.touch("phone:+4930123456", BOB)
    alone, profiles = groups(workspace), people.profiles(workspace).to_pylist()
    merge = acting.merge(ANN, BOB)
    everything = sorted([ANN, BOB, "crm:1", "crm:2", "mastodon:ann@s.example", "phone:+4930123456"])
    assert groups(workspace) == [everything]
    assert acting.refused("crm:2") == ["everything"]
    acting.touch("anonymous:d1", "crm:1")
    acting.touch("anonymous:d1", "crm:2")
    assert len(groups(workspace)) == 1, "a device of one person, who has two rows of the CRM"
    acting.touch("anonymous:d1", "crm:3")
    assert acting.person("crm:3") != acting.person("crm:1"), "somebody else on the device is somebody else"
    acting.undo(merge)
    assert sorted(group for group in groups(workspace) if "anonymous:d1" not in group and "crm:3" not in group) == alone
    assert [row for row in people.profiles(workspace).to_pylist() if row["person"] in (0, 1)] == profiles[:2]


def test_what_is_set_by_hand_is_all_that_a_field_with_several_values_says(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, properties={"phone": ["+49 1", "+49 2"]})
    ann = acting.person(ANN)
    for value, shown in (("+49 3; +49 1", ["+49 1", "+49 3"]), ("", None), ("+49 4", ["+49 4"])):
        people.edit(workspace, ann, "phone", value, "user:imani")
        mill.turn(workspace)
        assert acting.profile(ANN).get("phone") == shown
    acting.touch(ANN, properties={"phone": "+49 5"})
    assert acting.profile(ANN)["phone"] == ["+49 4"]
    told = people.values(workspace, pa.array([ann])).to_pylist()
    assert {row["value"] for row in told if not row["shown"]} >= {"+49 2", "+49 5"}, "each keeps its source and date"


def test_undoing_one_merge_of_a_chain_leaves_what_the_other_made_one(workspace: Workspace) -> None:
    acting = Acting(workspace)
    for number, name in enumerate((ANN, BOB, CIM)):
        acting.touch(name, f"crm:{number}")
    first, second = acting.merge(ANN, BOB), acting.merge(ANN, CIM)
    acting.undo(first)
    assert groups(workspace) == [["crm:0", "crm:2", ANN, CIM], ["crm:1", BOB]]
    acting.touch("anonymous:d1", "crm:0")
    acting.touch("anonymous:d1", "crm:1")
    assert acting.person(ANN) != acting.person(BOB), "what told those two apart tells them apart again"
    acting.undo(second)
    assert acting.person(ANN) != acting.person(CIM)


def test_undoing_a_merge_made_despite_a_split_gives_the_split_back(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "handle:ann")
    acting.split(["handle:ann"])
    merge = acting.merge(ANN, "handle:ann")
    assert acting.person(ANN) == acting.person("handle:ann")
    acting.undo(merge)
    assert acting.person(ANN) != acting.person("handle:ann")
    acting.touch(ANN, "handle:ann", "mastodon:ann@s.example")
    assert acting.person(ANN) != acting.person("handle:ann"), "they are never made one again by a machine"


@pytest.mark.parametrize("parting", ["split", "cut"])
def test_taking_back_the_undoing_of_a_split_or_cut_leaves_to_both_what_was_refused_between(
    workspace: Workspace, parting: str
) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "handle:ann")
    parted = (
        acting.split(["handle:ann"])
        if parting == "split"
        else acting.cut_last(people.evidence_of(workspace, acting.person(ANN))[0])
    )
    undone = acting.undo(parted)
    acting.touch("handle:ann", verb="block")
    acting.undo(undone)
    assert acting.person(ANN) != acting.person("handle:ann")
    assert (acting.refused(ANN), acting.refused("handle:ann")) == (["everything"], ["everything"])


def test_who_uses_a_device_later_takes_no_refusal_from_whom_it_was(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch("anonymous:d1", ANN)
    acting.touch("anonymous:d1", verb="unsubscribe")
    acting.touch("anonymous:d1", BOB)
    assert (acting.refused(ANN), acting.refused(BOB)) == (["mail"], [])
    acting.touch("anonymous:d1", verb="block")
    assert (acting.refused(ANN), acting.refused(BOB)) == (["mail"], []), "nobody knows which of the two it was"


def test_a_refusal_is_that_of_every_identifier_it_names(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch("anonymous:d1", ANN, verb="unsubscribe")
    acting.touch("anonymous:d1", BOB)
    assert (acting.refused(ANN), acting.refused(BOB)) == (["mail"], [])


def test_undoing_a_merge_leaves_to_both_only_what_was_refused_since(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, verb="unsubscribe")
    acting.touch(BOB)
    merge = acting.merge(ANN, BOB)
    acting.touch(BOB, verb="withdraw", object="phone")
    acting.undo(merge)
    assert (acting.refused(ANN), acting.refused(BOB)) == (["mail", "phone"], ["phone"])


def test_an_edit_by_hand_wins_over_newer_statements_and_stays_on_both_sides_of_a_split(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "phone:+491", properties={"city": "Ulm"})
    people.edit(workspace, acting.person(ANN), "city", "Bonn", "user:imani")
    acting.touch(ANN, properties={"city": "Köln"})
    assert acting.profile(ANN)["city"] == "Bonn"
    acting.split(["phone:+491"])
    assert (acting.profile(ANN)["city"], acting.profile("phone:+491")["city"]) == ("Bonn", "Bonn")


def test_values_go_by_what_is_verified_then_by_the_newest_and_each_names_its_source(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, properties={"city": "Ulm", "verified": True})
    acting.touch(ANN, properties={"city": "Köln"})
    acting.touch(ANN, properties={"role": "Head"})
    acting.touch(ANN, properties={"role": "Chief"})
    profile = acting.profile(ANN)
    assert (profile["city"], profile["role"]) == ("Ulm", "Chief")
    told = people.values(workspace, pa.array([acting.person(ANN)])).to_pylist()
    assert [(each["value"], each["source"]) for each in told if each["field"] == "city"] == [
        ("Ulm", "web"),
        ("Köln", "web"),
    ]


def test_a_preview_says_what_would_move_and_writes_nothing(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "phone:+491", verb="unsubscribe")
    acting.touch(BOB)
    plan = people.plan_merge(workspace, ANN, BOB, "user:imani", "Told me so.")
    assert [each["touches"] for each in plan.preview.before] == [1, 1]
    assert [(each["touches"], each["refused"]) for each in plan.preview.after] == [(2, ["mail"])]
    assert len(plan.preview.after[0]["identifiers"]) == 3
    mill.turn(workspace)
    assert groups(workspace) == sorted([sorted([ANN, "phone:+491"]), [BOB]])


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        (ANN, ANN, "one person already"),
        (ANN, "phone:+491", "one person already"),
        (ANN, "email:nobody@x.example", "Nobody is known by"),
        (ANN, "email:info@x.example", "stands for many people"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused_with_a_sentence(
    one: str, other: str, sentence: str, workspace: Workspace
) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "phone:+491", "email:info@x.example")
    with pytest.raises(HedgerowError, match=sentence):
        people.plan_merge(workspace, one, other, "user:imani", "Told me so.")


def test_a_decision_without_a_reason_is_refused(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN)
    acting.touch(BOB)
    with pytest.raises(HedgerowError, match="There is no reason"):
        people.plan_merge(workspace, ANN, BOB, "user:imani", "  ")


def test_all_of_a_person_can_not_be_split_off(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch(ANN, "phone:+491")
    with pytest.raises(HedgerowError, match="leave at least one"):
        people.plan_split(workspace, [ANN, "phone:+491"], "user:imani", "Two people.")


def test_a_person_of_whom_every_evidence_is_cut_keeps_what_they_did(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touch("anonymous:1", ANN)
    acting.touch("anonymous:1", verb="view")
    acting.cut_last(people.evidence_of(workspace, acting.person(ANN))[0])
    assert groups(workspace) == [["anonymous:1"], [ANN]]
    assert len(people.timeline(workspace, acting.person("anonymous:1"), 10)) == 2


def test_ten_thousand_touches_on_one_device_that_many_share_tie_nobody(workspace: Workspace) -> None:
    acting = Acting(workspace)
    acting.touches(("anonymous:kiosk", f"email:{number}@x.example") for number in range(10_000))
    assert len(groups(workspace)) == 10_001
