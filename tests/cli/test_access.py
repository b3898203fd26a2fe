"""The command line's keys and users, and the link that begins it all."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.access import accept, add_user, find_invitation, find_key, find_user, keys, users
from hedgerow.cli import build
from hedgerow.cli.page import first_account
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, open_workspace


def _run(workspace: Workspace, *words: object) -> str:
    said = CliRunner().invoke(build(), [*map(str, words), "-w", str(workspace.folder)], catch_exceptions=False)
    return said.output


def _token(said: str) -> str:
    return said.split("/welcome/")[1].split()[0]


def test_keys_are_made_limited_listed_and_revoked(workspace: Workspace) -> None:
    assert "make one with `hedgerow keys make" in _run(workspace, "keys", "list")
    made = _run(
        workspace, "keys", "make", "shop", "--site", "https://shop.example/", "--site", "b.example", "--rate", 9
    )
    assert find_key(workspace, "shop").key in made
    _run(workspace, "keys", "limit", "shop", "--rate", 0)
    assert (find_key(workspace, "shop").rate, find_key(workspace, "shop").sites) == (0, ("shop.example", "b.example"))
    assert "unlimited" in _run(workspace, "keys", "list")
    _run(workspace, "keys", "revoke", "shop")
    assert "revoked" in _run(workspace, "keys", "list")
    with pytest.raises(HedgerowError, match="Did you mean 'shop'"):
        _run(workspace, "keys", "revoke", "shp")
    assert len(keys(workspace)) == 1


def test_users_are_invited_given_links_roles_and_ended(workspace: Workspace) -> None:
    assert "hedgerow serve" in _run(workspace, "users", "list")
    add_user(workspace, "ann@example.org", "Ann", "admin")
    said = _run(workspace, "users", "invite", "bo@example.org", "--role", "sales", "--url", "https://crm.example/")
    assert "https://crm.example/welcome/" in said
    accept(workspace, _token(said), "", "Bo", "a hedge of hawthorn and hazel")
    _run(workspace, "users", "role", "bo@example.org", "marketing")
    assert find_user(workspace, "bo@example.org").role.name == "marketing"
    link = _token(_run(workspace, "users", "link", "bo@example.org"))
    assert find_invitation(workspace, link).user == find_user(workspace, "bo@example.org")
    _run(workspace, "users", "end", "bo@example.org")
    assert re.search(r"bo@example.org\s+Bo\s+marketing\s+\S+\s+\S+", _run(workspace, "users", "list"))
    with pytest.raises(HedgerowError, match="last admin"):
        _run(workspace, "users", "end", "ann@example.org")


def test_serving_begins_with_a_link_until_there_is_a_user(workspace: Workspace) -> None:
    said = first_account(workspace, "http://127.0.0.1:8400")
    assert said.startswith("Make the first account at http://127.0.0.1:8400/welcome/")
    accept(workspace, _token(said), "ann@example.org", "Ann", "a hedge of hawthorn and hazel")
    assert first_account(workspace, "http://127.0.0.1:8400") == ""


def test_the_demo_prints_a_link_that_signs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hedgerow.cli.verbs import demo

    begun: list[str] = []

    def serving(folder: Path, places: object, begin: object) -> None:
        opened = open_workspace(folder)
        begun.append(begin(opened, "http://127.0.0.1:8400"))  # type: ignore[operator]
        invitation = find_invitation(opened, _token(begun[0]))
        assert invitation.signs_in
        assert [user.role.name for user in users(opened)] == ["admin"]
        opened.close()

    monkeypatch.setattr(demo, "serve", serving)
    CliRunner().invoke(build(), ["demo", str(tmp_path)], catch_exceptions=False)
    assert "signs you in" in begun[0]
