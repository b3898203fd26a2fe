"""Clusters: who is one person by the evidence, and who is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import mill
from hedgerow.ledger import Touch, Workspace
from hedgerow.people import clusters
from hedgerow.people.clusters import components

START = datetime(2026, 3, 1, tzinfo=UTC)


def _touch(actor: str, *claims: str, at: int = 0) -> Touch:
    return Touch(occurred_at=START + timedelta(hours=at), source="web", verb="view", actor=actor, claims=claims)


def _people(workspace: Workspace, *touches: Touch) -> list[set[str]]:
    workspace.inbox.accept(touches)
    mill.turn(workspace)
    rows = workspace.engine.sql("SELECT code, kind || ':' || value AS name FROM identifiers").to_pylist()
    person = clusters(workspace).person
    groups: dict[int, set[str]] = {}
    for row in rows:
        groups.setdefault(int(person[row["code"]]), set()).add(row["name"])
    return sorted(groups.values(), key=sorted)


def test_a_form_ties_a_cookie_to_an_address(workspace: Workspace) -> None:
    found = _people(workspace, _touch("anonymous:1", "email:ann@example.org"), _touch("anonymous:2"))
    assert found == [{"anonymous:1", "email:ann@example.org"}, {"anonymous:2"}]


def test_identifiers_are_one_person_through_others(workspace: Workspace) -> None:
    claimed = (_touch("anonymous:1", "email:a@x.example"), _touch("email:a@x.example", "mastodon:a@y.example", at=1))
    assert _people(workspace, *claimed) == [{"anonymous:1", "email:a@x.example", "mastodon:a@y.example"}]


def test_a_device_that_two_people_use_ties_neither(workspace: Workspace) -> None:
    first = _people(workspace, _touch("anonymous:1", "email:a@x.example"))
    assert first == [{"anonymous:1", "email:a@x.example"}]
    second = _people(workspace, _touch("anonymous:1", "email:b@x.example", at=1))
    assert second == [{"anonymous:1"}, {"email:a@x.example"}, {"email:b@x.example"}]


def test_an_address_many_share_ties_nobody(workspace: Workspace) -> None:
    found = _people(workspace, _touch("ip:192.0.2.1", "email:a@x.example"))
    assert found == [{"email:a@x.example"}, {"ip:192.0.2.1"}]


def test_a_later_touch_joins_two_people_and_the_older_code_names_them(workspace: Workspace) -> None:
    _people(workspace, _touch("anonymous:1"), _touch("email:a@x.example", at=1))
    before = clusters(workspace).person.copy()
    _people(workspace, _touch("anonymous:1", "email:a@x.example", at=2))
    after = clusters(workspace).person
    assert len(set(before.tolist())) == 2
    assert set(after.tolist()) == {min(before)}


@given(st.integers(1, 30), st.data())
def test_components_are_those_of_the_graph(count: int, data: Any) -> None:
    node = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=40))
    label = list(range(count))
    for _ in range(count):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    a, b = (np.array([edge[i] for edge in edges], np.int64) for i in range(2))
    assert components(a, b, count).tolist() == label
