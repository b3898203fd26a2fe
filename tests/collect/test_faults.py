"""Faults: what could not be kept is tried again after a fix, and comes to be once."""

import json

import msgspec
import pytest

from hedgerow import mill
from hedgerow.collect import Retried, retry
from hedgerow.ledger import Dropped, Request, Touch, Workspace, drops, reasons
from hedgerow.ledger.workspace import Hook

ARRIVED = 1_795_325_220_000_000
HEAD = json.dumps({"source": "key:web", "sent": "2026-11-22T05:27:00Z", "arrived": ARRIVED})
MAP = """
source = "form"
[[touch]]
occurred_at = "received_at"
verb = "'submit'"
actor = "'email:' || email"
"""


def dropped(reason: str, payload: str) -> Request:
    """Return what the door keeps of a message it drops."""
    return Request("drop", "", msgspec.json.encode(Dropped(reason, payload, "segment", HEAD)), ARRIVED)


def touches(workspace: Workspace) -> list[dict[str, object]]:
    """Turn the mill and return the ledger."""
    mill.turn(workspace)
    rows: list[dict[str, object]] = workspace.engine.sql("SELECT * FROM touches ORDER BY actor").to_pylist()
    return rows


def test_a_message_that_was_dropped_by_mistake_comes_to_be_once_however_often_it_is_tried(workspace: Workspace) -> None:
    good = '{"type":"track","event":"Signed Up","userId":"ann","timestamp":"2026-11-22T05:26:00Z"}'
    workspace.inbox.commit([dropped("a rule that was wrong", good)])
    assert touches(workspace) == []
    assert retry(workspace) == Retried(again=1, left=0)
    assert retry(workspace) == Retried(again=0, left=0)
    (row,) = touches(workspace)
    assert (row["verb"], row["actor"], str(row["occurred_at"])) == ("register", "user:ann", "2026-11-22 05:26:00+00:00")
    assert reasons(workspace) == []


def test_a_retry_that_was_cut_short_and_repeated_makes_nothing_twice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hedgerow.collect import faults

    workspace.inbox.commit([dropped("wrong", '{"type":"track","event":"A","userId":"ann"}')])
    mill.turn(workspace)
    monkeypatch.setattr(faults, "mark_retried", lambda *_: None)  # as if the process ended before it
    retry(workspace)
    retry(workspace)
    monkeypatch.undo()
    retry(workspace)
    assert len(touches(workspace)) == 1
    assert drops(workspace) == {}


def test_what_would_be_dropped_for_the_same_reason_waits(workspace: Workspace) -> None:
    workspace.inbox.commit(
        [dropped("it names nobody", '{"type":"track","event":"A"}'), dropped("bad", "no json at all")]
    )
    mill.turn(workspace)
    assert retry(workspace) == Retried(again=0, left=2)
    assert {reason.says: reason.count for reason in reasons(workspace)} == {"it names nobody": 1, "bad": 1}


def test_only_the_reason_that_is_named_is_tried(workspace: Workspace) -> None:
    for reason, who in (("one", "ann"), ("two", "bob")):
        workspace.inbox.commit([dropped(reason, f'{{"type":"track","event":"A","userId":"{who}"}}')])
    mill.turn(workspace)
    retry(workspace, "two")
    assert [row["actor"] for row in touches(workspace)] == ["user:bob"]


def test_a_touch_that_breaks_a_rule_is_dropped_anew_when_it_is_tried_again(workspace: Workspace) -> None:
    from hedgerow.kit import clock

    workspace.inbox.accept([Touch(occurred_at=clock.now(), source="us", verb="dance", actor="email:ann@example.org")])
    assert touches(workspace) == []
    assert retry(workspace) == Retried(again=1, left=0)
    assert touches(workspace) == []
    assert [(reason.says, reason.count) for reason in reasons(workspace)] == [("its verb is unknown", 1)]


def test_a_webhook_that_came_before_its_map_was_there_is_read_by_it_later(workspace: Workspace) -> None:
    head = json.dumps({"arrived": ARRIVED, "delivery": "d1"})
    workspace.inbox.commit(
        [Request("hook:form", head, b'[{"email":"ann@example.org"},{"email":"bob@example.org"}]', 1)]
    )
    assert touches(workspace) == []
    (workspace.folder / "form.toml").write_text(MAP)
    workspace.settings = msgspec.structs.replace(workspace.settings, hooks={"form": Hook("form.toml", "none")})
    assert retry(workspace) == Retried(again=1, left=0)
    assert [row["actor"] for row in touches(workspace)] == ["email:ann@example.org", "email:bob@example.org"]
    assert str(touches(workspace)[0]["occurred_at"]) == "2026-11-22 05:27:00+00:00", (
        "when it came, not when it was tried"
    )
