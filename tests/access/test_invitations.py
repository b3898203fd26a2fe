"""One-time links: the first account, invitations and new passwords, each once."""

import threading
from datetime import timedelta

import pytest

from hedgerow.access import (
    Throttle,
    User,
    accept,
    change_role,
    demo_link,
    end_user,
    enter,
    find_invitation,
    find_session,
    find_user,
    first_link,
    invite,
    open_session,
    password_link,
    sign_in,
    users,
)
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace
from tests.access.conftest import NOON, PASSWORD, Adding

BASE = "http://127.0.0.1:8400/"


def _token(link: str | None) -> str:
    assert link
    assert link.startswith("http://127.0.0.1:8400/welcome/")
    return link.rpartition("/")[2]


def _accept(workspace: Workspace, token: str, email: str = "ann@example.org") -> User:
    return accept(workspace, token, email, "Ann", PASSWORD)


def test_the_first_link_makes_an_admin_and_then_there_is_none(workspace: Workspace) -> None:
    token = _token(first_link(workspace, BASE))
    ann = _accept(workspace, token)
    assert (ann.email, ann.role.name) == ("ann@example.org", "admin")
    assert sign_in(workspace, Throttle(), "ann@example.org", PASSWORD, "") == ann
    assert first_link(workspace, BASE) is None
    with pytest.raises(HedgerowError, match="used already"):
        _accept(workspace, token, "bo@example.org")


def test_a_first_link_asked_for_again_replaces_the_one_before(workspace: Workspace) -> None:
    before, after = (_token(first_link(workspace, BASE)) for _ in range(2))
    with pytest.raises(HedgerowError, match="replaced by a newer one"):
        _accept(workspace, before)
    _accept(workspace, after)


def test_a_first_link_makes_no_admin_where_there_is_a_user_by_then(workspace: Workspace, add: Adding) -> None:
    token = _token(first_link(workspace, BASE))
    add("bo", "admin")
    with pytest.raises(HedgerowError, match="There is an account already"):
        _accept(workspace, token)
    assert [user.email for user in users(workspace)] == ["bo@example.org"]


def test_a_link_ends_after_24_hours(workspace: Workspace) -> None:
    with stopped_at(NOON):
        token = _token(first_link(workspace, BASE))
    with stopped_at(NOON + timedelta(hours=24) - timedelta(seconds=1)):
        assert find_invitation(workspace, token).role == "admin"
    with stopped_at(NOON + timedelta(hours=24)), pytest.raises(HedgerowError, match="ended after 24 hours"):
        find_invitation(workspace, token)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 5_000, "../sign-in"])
def test_a_link_that_was_never_made_is_told_so(workspace: Workspace, token: str) -> None:
    with pytest.raises(HedgerowError, match="No such link"):
        find_invitation(workspace, token)


def test_what_is_refused_leaves_the_link_as_it_was(workspace: Workspace) -> None:
    token = _token(first_link(workspace, BASE))
    for email, name, password in (("ann", "Ann", PASSWORD), ("a@b.c", "", PASSWORD), ("a@b.c", "Ann", "password")):
        with pytest.raises(HedgerowError):
            accept(workspace, token, email, name, password)
    assert users(workspace) == []
    _accept(workspace, token)


def test_an_invitation_is_for_its_email_and_role_whatever_is_sent(workspace: Workspace, add: Adding) -> None:
    add("root", "admin")
    token = _token(invite(workspace, BASE, " BO@example.org", "sales", "root@example.org"))
    bo = _accept(workspace, token, "root@example.org")
    assert (bo.email, bo.role.name) == ("bo@example.org", "sales")
    with pytest.raises(HedgerowError, match="has an account already"):
        invite(workspace, BASE, "bo@example.org", "admin", "root@example.org")


def test_a_second_invitation_replaces_the_first_and_its_role(workspace: Workspace, add: Adding) -> None:
    add("root", "admin")
    before, after = (_token(invite(workspace, BASE, "bo@example.org", role, "")) for role in ("admin", "viewer"))
    with pytest.raises(HedgerowError, match="replaced"):
        _accept(workspace, before)
    assert _accept(workspace, after).role.name == "viewer"


def test_a_password_link_changes_the_password_alone(workspace: Workspace, add: Adding) -> None:
    bo = add("bo", "sales", PASSWORD + " and ivy")
    session = open_session(workspace, bo, "")
    token = _token(password_link(workspace, BASE, "bo@example.org", ""))
    assert find_invitation(workspace, token).user == bo
    assert accept(workspace, token, "x@example.org", "Mallory", PASSWORD) == bo
    assert find_session(workspace, session) is None
    assert sign_in(workspace, Throttle(), bo.email, PASSWORD, "") == bo


def test_a_link_made_before_a_user_was_ended_or_changed_is_taken_back(workspace: Workspace, add: Adding) -> None:
    add("root", "admin")
    add("bo", "admin")
    token = _token(password_link(workspace, BASE, "bo@example.org", ""))
    change_role(workspace, "bo@example.org", "viewer")
    with pytest.raises(HedgerowError, match="taken back"):
        _accept(workspace, token)
    token = _token(password_link(workspace, BASE, "bo@example.org", ""))
    end_user(workspace, "bo@example.org")
    with pytest.raises(HedgerowError, match="taken back"):
        _accept(workspace, token)
    with pytest.raises(HedgerowError, match="was ended"):
        password_link(workspace, BASE, "bo@example.org", "")


def test_an_ended_user_comes_back_by_an_invitation_in_its_role(workspace: Workspace, add: Adding) -> None:
    add("root", "admin")
    before = add("bo", "admin")
    end_user(workspace, "bo@example.org")
    back = _accept(workspace, _token(invite(workspace, BASE, "bo@example.org", "viewer", "")))
    assert (back.id, back.role.name, back.name, back.ended_at) == (before.id, "viewer", "Ann", None)


def test_a_link_used_by_many_at_one_time_makes_one_user(workspace: Workspace) -> None:
    token = _token(first_link(workspace, BASE))
    start = threading.Barrier(4)
    made: list[User | None] = []

    def use(n: int) -> None:
        start.wait()
        try:
            made.append(_accept(workspace, token, f"user{n}@example.org"))
        except HedgerowError:
            made.append(None)

    threads = [threading.Thread(target=use, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert [user for user in made if user] == users(workspace)
    assert len(users(workspace)) == 1


def test_the_demos_link_signs_in_once_and_no_other_link_does(workspace: Workspace, add: Adding) -> None:
    token = _token(demo_link(workspace, BASE, "demo@example.org"))
    assert enter(workspace, token) == find_user(workspace, "demo@example.org")
    with pytest.raises(HedgerowError, match="used already"):
        enter(workspace, token)
    add("bo")
    for link in (password_link(workspace, BASE, "bo@example.org", ""), invite(workspace, BASE, "c@d.e", "admin", "")):
        with pytest.raises(HedgerowError, match="signs nobody in"):
            enter(workspace, _token(link))
    assert len(users(workspace)) == 2
    assert _token(demo_link(workspace, BASE, "demo@example.org")) != token
