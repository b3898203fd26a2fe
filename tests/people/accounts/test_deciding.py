"""Deciding: what a person says of which account identifiers are one company's, and takes back again."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hedgerow import mill
from hedgerow.ledger import OWN, Touch, Workspace, open_workspace
from hedgerow.people import account_of
from tests.people.accounts.telling import START, number_of, tell, touch, whole

QUAY, SAILS = "domain:quay.example", "company:quaysails"
ROW: dict[str, Any] = {"actor": "account:7", "claims": [QUAY]}
OTHER: dict[str, Any] = {"actor": "account:8"}
ANN: dict[str, Any] = {"actor": "email:ann@quay.example"}


def _decide(workspace: Workspace, verb: str, actor: str, *claims: str, object: str | None = None, day: int = 1) -> str:
    """Write a decision and turn the mill; return its touch's id."""
    said = {"by": "user:imani", "reason": "Told me so."} | ({"apart": [actor]} if verb == "split" else {})
    made = Touch(
        occurred_at=START + timedelta(days=day), source=OWN, verb=verb, actor=actor, claims=claims, object=object,
        sender_id=f"{verb}{day}", properties=json.dumps(said),
    )  # fmt: skip
    tell(workspace, [made])
    query = f"SELECT touch_id FROM decisions WHERE verb = '{verb}' ORDER BY occurred_at DESC LIMIT 1"
    return str(workspace.engine.sql(query)["touch_id"][0])


def _cut(workspace: Workspace) -> str:
    stated = workspace.engine.sql("SELECT touch_id FROM account_ties WHERE a <> b LIMIT 1")["touch_id"][0]
    return _decide(workspace, "cut", "account:7", QUAY, object=f"touch:{stated}")


def _merged(workspace: Workspace) -> str:
    return _decide(workspace, "merge", "account:7", "account:8")


def _split(workspace: Workspace) -> str:
    return _decide(workspace, "split", QUAY, "account:7")


def _groups(workspace: Workspace) -> set[frozenset[str]]:
    return set(whole(workspace)[0].values())


@pytest.mark.parametrize(
    ("decide", "then"),
    [
        (_cut, {frozenset({"account:7"}), frozenset({"account:8"}), frozenset({QUAY})}),
        (_split, {frozenset({"account:7"}), frozenset({"account:8"}), frozenset({QUAY})}),
        (_merged, {frozenset({"account:7", "account:8", QUAY})}),
    ],
)
def test_what_is_decided_of_accounts_is_undone_to_what_there_was_and_holds_whatever_is_stated_again(
    workspace: Workspace, decide: Callable[[Workspace], str], then: set[frozenset[str]]
) -> None:
    tell(workspace, [touch(number, said) for number, said in enumerate((ROW, OTHER, ANN))])
    before, members = whole(workspace)
    made = decide(workspace)
    assert _groups(workspace) == then
    tell(workspace, [touch(9, ROW | {"at": 5})])
    assert _groups(workspace) == then, "the CRM's row says the same every night"
    other = open_workspace(workspace.folder)
    mill.rebuild(other)
    assert whole(other) == whole(workspace)
    other.close()
    undone = _decide(workspace, "undo", QUAY, "account:7", object=f"touch:{made}", day=6)
    assert whole(workspace) == (before, members)
    _decide(workspace, "undo", QUAY, "account:7", object=f"touch:{undone}", day=7)
    assert _groups(workspace) == then


def test_a_tie_that_was_cut_is_shown_as_out_of_force_and_whoever_writes_from_the_domain_stays_there(
    workspace: Workspace,
) -> None:
    tell(workspace, [touch(number, said) for number, said in enumerate((ROW, ANN))])
    _cut(workspace)
    shown = account_of(workspace, number_of(workspace, QUAY))
    assert [(tie["says"], tie["tying"]) for tie in shown.ties.to_pylist()] == [("stated", False)]
    assert [row["who"] for row in shown.people.to_pylist()] == ["email:ann@quay.example"]
    assert account_of(workspace, number_of(workspace, "account:7")).people.num_rows == 0


def test_cutting_one_of_two_ties_leaves_the_account_whole_by_the_other(workspace: Workspace) -> None:
    both = ROW | {"says": {"name": "Quay Sails", "domain": "quay.example"}}
    more: dict[str, Any] = {
        "actor": "email:eve@gmail.com",
        "says": {"company": {"name": "Quay Sails", "domain": "quay.example"}},
    }
    tell(workspace, [touch(number, said) for number, said in enumerate((both, more))])
    before = _groups(workspace)
    assert frozenset({"account:7", QUAY, SAILS}) in before
    _cut(workspace)
    assert _groups(workspace) == before
