"""Sessions: opened by a password, found by a token that nobody keeps, over when it is time."""

import sqlite3
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.access import (
    Throttle,
    end_session,
    end_sessions,
    find_session,
    open_session,
    sessions,
    sign_in,
)
from hedgerow.access.sessions import IDLE, LONGEST
from hedgerow.access.throttle import BY_EMAIL
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace
from tests.access.conftest import NOON, PASSWORD, Adding


def test_a_wrong_password_and_an_unknown_user_are_told_alike(workspace: Workspace, add: Adding) -> None:
    add("ann", password=PASSWORD)
    add("bo")
    said = set()
    tries = (("ann@example.org", "another password"), ("nobody@example.org", PASSWORD), ("bo@example.org", ""))
    for email, password in (*tries, ("a\x00b", "\x00")):
        with pytest.raises(HedgerowError) as refusal:
            sign_in(workspace, Throttle(), email, password, "10.0.0.1")
        said.add(refusal.value.sentence)
    assert len(said) == 1
    assert sign_in(workspace, Throttle(), " ANN@example.org", PASSWORD, "10.0.0.1").name == "Ann"


def test_five_failures_shut_an_email_even_for_the_right_password(workspace: Workspace, add: Adding) -> None:
    add("ann", password=PASSWORD)
    throttle = Throttle()
    for email in ("ann@example.org", "nobody@example.org"):
        for _ in range(BY_EMAIL):
            with pytest.raises(HedgerowError, match="don't belong together"):
                sign_in(workspace, throttle, email, "another password", "10.0.0.1")
        with pytest.raises(HedgerowError, match="too many tries"):
            sign_in(workspace, throttle, email, PASSWORD, "10.0.0.1")


def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(workspace: Workspace, add: Adding) -> None:
    add("ann", password=PASSWORD)
    older = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    with sqlite3.connect(workspace.folder / "record.db") as record:
        record.execute("UPDATE users SET password = ?", (older,))
    record.close()
    for _ in range(2):
        sign_in(workspace, Throttle(), "ann@example.org", PASSWORD, "")
    with sqlite3.connect(workspace.folder / "record.db") as record:
        ((kept,),) = record.execute("SELECT password FROM users").fetchall()
    record.close()
    assert kept != older
    assert f"m={PasswordHasher().memory_cost}," in kept


def test_the_record_holds_no_token_and_no_password(workspace: Workspace, add: Adding) -> None:
    token = open_session(workspace, add("ann", password=PASSWORD), "Firefox")
    assert len(token) >= 43
    workspace.close()
    for file in workspace.folder.glob("record.db*"):
        assert token.encode() not in file.read_bytes()
        assert PASSWORD.encode() not in file.read_bytes()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_no_other_token_finds_a_session(workspace: Workspace, token: str) -> None:
    assert find_session(workspace, token) is None


def test_a_session_that_is_used_ends_after_90_days_and_another_after_14(workspace: Workspace, add: Adding) -> None:
    with stopped_at(NOON):
        used, idle = (open_session(workspace, add(name), "") for name in ("ann", "bo"))
    for day in range(13, 90, 13):
        with stopped_at(NOON + timedelta(days=day)):
            assert find_session(workspace, used)
    with stopped_at(NOON + IDLE):
        assert find_session(workspace, idle) is None
    with stopped_at(NOON + LONGEST - timedelta(seconds=1)):
        assert find_session(workspace, used)
    with stopped_at(NOON + LONGEST):
        assert find_session(workspace, used) is None
        assert sessions(workspace) == []


def test_being_seen_is_written_down_once_a_minute(workspace: Workspace, add: Adding) -> None:
    ann = add("ann")
    with stopped_at(NOON):
        token = open_session(workspace, ann, "")
    for seconds, seen in ((59, 0), (60, 60), (119, 60), (120, 120)):
        with stopped_at(NOON + timedelta(seconds=seconds)):
            find_session(workspace, token)
            assert sessions(workspace, ann)[0].seen_at == NOON + timedelta(seconds=seen)


def test_sessions_that_are_over_are_swept_out_when_one_is_opened(workspace: Workspace, add: Adding) -> None:
    ann = add("ann")
    with stopped_at(NOON):
        open_session(workspace, ann, "")
    with stopped_at(NOON + IDLE):
        open_session(workspace, ann, "")
    with sqlite3.connect(workspace.folder / "record.db") as record:
        assert record.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    record.close()


def test_one_session_ends_or_all_others_and_never_anybody_elses(workspace: Workspace, add: Adding) -> None:
    ann, bo = add("ann"), add("bo")
    first, second, third = (open_session(workspace, ann, name) for name in ("1", "2", "3"))
    others = open_session(workspace, bo, "")
    digests = {session.agent: session.digest for session in sessions(workspace, ann)}
    end_session(workspace, bo, digests["1"])
    assert find_session(workspace, first)
    end_session(workspace, ann, digests["1"])
    assert find_session(workspace, first) is None
    end_sessions(workspace, ann, but=digests["2"])
    assert [bool(find_session(workspace, token)) for token in (second, third, others)] == [True, False, True]
    end_sessions(workspace, ann)
    assert [bool(find_session(workspace, token)) for token in (second, others)] == [False, True]
