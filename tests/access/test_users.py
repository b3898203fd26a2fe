"""Users and their roles: who may what, and that somebody always can let others in."""

import threading
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.access import (
    CAPABILITIES,
    ROLES,
    Throttle,
    add_user,
    change_password,
    change_role,
    end_user,
    find_session,
    find_user,
    open_session,
    sign_in,
    users,
)
from hedgerow.access.users import checked_email, checked_user
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace
from tests.access.conftest import PASSWORD, Adding


def test_an_admin_may_all_and_everybody_may_read() -> None:
    assert ROLES["admin"].may == set(CAPABILITIES)
    assert all("read" in role.may <= set(CAPABILITIES) and role.says.endswith(".") for role in ROLES.values())
    assert ROLES["viewer"].may < ROLES["sales"].may < ROLES["marketing"].may < ROLES["admin"].may


def test_an_email_has_one_account_however_it_is_written(workspace: Workspace, add: Adding) -> None:
    add("ann")
    assert find_user(workspace, " Ann@Example.ORG ").name == "Ann"
    with pytest.raises(HedgerowError, match="has an account already"):
        add("ANN")
    with pytest.raises(HedgerowError, match=r"Did you mean 'ann@example\.org'"):
        find_user(workspace, "anne@example.org")


@pytest.mark.parametrize("email", ["", "ann", "@", "ann@", "a b@c.d", "ann@exa\x00mple.org", "a@" + "b" * 254])
def test_what_is_no_email_is_refused(email: str) -> None:
    with pytest.raises(HedgerowError, match="is no e-mail"):
        checked_email(email)


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 255, "Ann\x00Lee", "Ann\u202eLee", "Ann\ud800"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(HedgerowError, match="has a name"):
        checked_user("ann@example.org", name, "viewer")


def test_another_role_ends_the_sessions_and_the_same_one_does_not(workspace: Workspace, add: Adding) -> None:
    token = open_session(workspace, add("ann"), "")
    change_role(workspace, "ann@example.org", "viewer")
    assert find_session(workspace, token)
    assert change_role(workspace, "ann@example.org", "sales").role == ROLES["sales"]
    assert find_session(workspace, token) is None
    with pytest.raises(HedgerowError, match="Did you mean 'marketing'"):
        change_role(workspace, "ann@example.org", "marketting")


def test_one_who_is_ended_can_not_sign_in_and_is_signed_out(workspace: Workspace, add: Adding) -> None:
    add("ann", "admin")
    bo = add("bo", password=PASSWORD)
    token = open_session(workspace, bo, "")
    assert end_user(workspace, "bo@example.org").ended_at
    assert find_session(workspace, token) is None
    with pytest.raises(HedgerowError, match="don't belong together"):
        sign_in(workspace, Throttle(), "bo@example.org", PASSWORD, "")
    with pytest.raises(HedgerowError, match="invite it again"):
        end_user(workspace, "bo@example.org")
    assert [user.email for user in users(workspace)] == ["ann@example.org", "bo@example.org"]


def test_a_session_opened_just_after_the_end_lets_nobody_in(workspace: Workspace, add: Adding) -> None:
    add("ann", "admin")
    bo = add("bo")
    end_user(workspace, bo.email)
    assert find_session(workspace, open_session(workspace, bo, "")) is None


def test_a_new_password_ends_the_sessions_and_the_old_one(workspace: Workspace, add: Adding) -> None:
    ann = add("ann", password=PASSWORD)
    token = open_session(workspace, ann, "")
    with pytest.raises(HedgerowError, match="12"):
        change_password(workspace, ann, "too short")
    assert find_session(workspace, token)
    change_password(workspace, ann, PASSWORD + " and holly")
    assert find_session(workspace, token) is None
    with pytest.raises(HedgerowError):
        sign_in(workspace, Throttle(), ann.email, PASSWORD, "")
    assert sign_in(workspace, Throttle(), ann.email, PASSWORD + " and holly", "") == ann


def _end_others(workspace: Workspace, emails: list[str]) -> None:
    for other in users(workspace):
        if other.email not in emails and not other.ended_at:
            end_user(workspace, other.email)


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["end", *ROLES])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_there_is_always_an_admin_whatever_is_changed(workspace: Workspace, steps: list[tuple[int, str]]) -> None:
    tag = len(users(workspace))
    emails = [f"user{tag}.{n}@example.org" for n in range(3)]
    for n, email in enumerate(emails):
        add_user(workspace, email, "User", "admin" if n == 0 else "viewer")
    _end_others(workspace, emails)
    for who, what in steps:
        with suppress(HedgerowError):
            end_user(workspace, emails[who]) if what == "end" else change_role(workspace, emails[who], what)
        assert any(user.role.name == "admin" and not user.ended_at for user in users(workspace))


def test_two_admins_who_end_each_other_at_one_time_leave_one(workspace: Workspace, add: Adding) -> None:
    for round in range(5):
        pair = [add(f"a{round}", "admin"), add(f"b{round}", "admin")]
        _end_others(workspace, [user.email for user in pair])
        refused: list[str] = []
        start = threading.Barrier(2)

        def end(email: str, start: threading.Barrier = start, refused: list[str] = refused) -> None:
            start.wait()
            try:
                end_user(workspace, email)
            except HedgerowError as refusal:
                refused.append(refusal.sentence)

        threads = [threading.Thread(target=end, args=(user.email,)) for user in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        assert "is the last admin" in refused[0]
        assert len([user for user in users(workspace) if not user.ended_at]) == 1
