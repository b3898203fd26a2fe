"""Telling: touches as worked cases write them, and what became of them in the names of identifiers."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from hedgerow import mill
from hedgerow.ledger import Touch, Workspace
from hedgerow.people import clusters
from hedgerow.people.accounts.known import known_accounts
from hedgerow.people.accounts.memberships import memberships
from hedgerow.people.accounts.stating import key_of, regular

START = datetime(2026, 3, 1, tzinfo=UTC)


def touch(number: int, said: dict[str, Any]) -> Touch:
    """Return the touch that a case's entry says."""
    return Touch(
        occurred_at=START + timedelta(days=said.get("at", 0)),
        source=said.get("source", "crm"),
        sender_id=f"{number}",
        verb=said.get("verb", "identify"),
        actor=said["actor"],
        claims=tuple(said.get("claims", ())),
        account=said.get("account"),
        properties=json.dumps(said["says"]) if "says" in said else None,
    )


def tell(workspace: Workspace, touches: Iterable[Touch]) -> None:
    """Put touches in the ledger and take them through the rooms."""
    workspace.inbox.accept(list(touches))
    mill.turn(workspace)


def number_of(workspace: Workspace, identifier: str) -> int:
    """Return the account of an account identifier, -1 where it is none's."""
    found = regular("identifier", identifier)
    assert found, identifier
    vertices = known_accounts(workspace, clusters(workspace)).vertices
    place = int(vertices.place(np.array([key_of(*found)]))[0])
    return int(vertices.account[place]) if place >= 0 else -1


def code_of(workspace: Workspace, identifier: str) -> int:
    """Return the code of an identifier the ledger has."""
    kind, _, value = identifier.partition(":")
    rows = workspace.engine.sql("SELECT code, kind, value FROM identifiers").to_pylist()
    return next(int(row["code"]) for row in rows if (row["kind"], row["value"]) == (kind, value))


def whole(workspace: Workspace) -> tuple[dict[int, frozenset[str]], set[tuple[Any, ...]]]:
    """Return each account as its identifiers, and each membership with person and account as theirs."""
    known = known_accounts(workspace, clusters(workspace))
    rows = workspace.engine.sql(
        "SELECT DISTINCT key, kind || ':' || value AS name FROM account_identifiers"
    ).to_pylist()
    called = {row["key"]: row["name"] for row in rows}
    accounts: dict[int, frozenset[str]] = {}
    for key, account in zip(known.vertices.key.tolist(), known.vertices.account.tolist(), strict=True):
        accounts[account] = accounts.get(account, frozenset()) | {called[key]}
    people: dict[int, frozenset[str]] = {}
    for row in workspace.engine.sql("SELECT code, kind || ':' || value AS name FROM identifiers").to_pylist():
        person = int(known.person[row["code"]])
        people[person] = people.get(person, frozenset()) | {row["name"]}
    return accounts, {
        (people[row["person"]], accounts[row["account"]], row["role"], row["since"], row["until"], row["says"])
        for row in memberships(workspace).to_pylist()
    }
