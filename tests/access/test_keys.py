"""Write keys: a name for ever, limits that can be changed, and an end."""

import pytest

from hedgerow.access import find_key, keys, limit_key, make_key, revoke_key
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import now
from hedgerow.ledger import Touch, Workspace, last_received, move, writing


def test_a_key_is_limited_and_revoked_and_keeps_its_name(workspace: Workspace) -> None:
    made = make_key(workspace, "shop", ["https://www.Shop.example/path", "localhost:8000"], 5)
    assert (made.sites, made.rate, made.source) == (("shop.example", "localhost:8000"), 5, "key:shop")
    assert limit_key(workspace, "shop", rate=0).sites == made.sites
    assert limit_key(workspace, "shop", sites=[]).rate == 0
    revoked = revoke_key(workspace, "shop")
    assert revoked.revoked_at
    assert revoke_key(workspace, "shop") == revoked == find_key(workspace, "shop")
    with pytest.raises(HedgerowError, match="already, or was"):
        make_key(workspace, "shop")
    assert len(keys(workspace)) == 1


@pytest.mark.parametrize("name", ["", "Shop", "<script>", "a" * 65, "-a", "a b", "a\x00"])
def test_what_can_not_name_a_key_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(HedgerowError, match="can't name a key"):
        make_key(workspace, name)


def test_the_last_touch_of_a_source_is_known_and_of_another_is_not(workspace: Workspace) -> None:
    assert last_received(workspace, ["key:shop"]) == {}
    touch = Touch(occurred_at=now(), source="key:shop", verb="view", actor="anonymous:1")
    before = now()
    workspace.inbox.accept([touch])
    with writing(workspace) as writer:
        move(writer)
    heard = last_received(workspace, ["key:shop", "key:crm"])
    assert list(heard) == ["key:shop"]
    assert before <= heard["key:shop"] <= now()
    assert last_received(workspace, []) == {}
