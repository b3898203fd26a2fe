"""Deals: the person they name first, whatever the order of arrival; and answers asked while the mill is behind."""

import pytest

from hedgerow import mill
from hedgerow.collect import Map, import_file
from hedgerow.ledger import Workspace, rebuild_indexes
from hedgerow.measures import Asked, ask
from hedgerow.people import clusters

TOUCHES = Map(
    source="web",
    touch=[{"occurred_at": "t", "verb": "'view'", "actor": "who", "channel": "channel"}],
)
DEALS = Map(
    source="crm",
    deal=[
        {
            "id": "id",
            "stage": "'Won'",
            "won": "true",
            "amount": "'100'",
            "currency": "'EUR'",
            "people": ["first", "second"],
            "closed_at": "t",
        }
    ],
)


def _import(workspace: Workspace, kind: str, found: Map, name: str, text: str) -> None:
    file = workspace.folder.parent / name
    file.write_text(text, "utf-8")
    import_file(workspace, kind, file, found)


def _seen(workspace: Workspace, who: str, channel: str) -> None:
    text = f"t,who,channel\n2026-01-01T10:00:00Z,email:{who}@x.example,{channel}\n"
    _import(workspace, "touch", TOUCHES, f"{who}.csv", text)


def _deal(workspace: Workspace) -> None:
    row = "1,email:b@x.example,email:a@x.example,2026-01-05T10:00:00Z"
    _import(workspace, "deal", DEALS, "deals.csv", f"id,first,second,t\n{row}\n")


def _earned(workspace: Workspace) -> dict[str, int]:
    rows = ask(workspace, "credit_by_channel", Asked(model="linear")).rows.to_pylist()
    return {row["channel"]: row["value"] for row in rows if row["value"]}


@pytest.mark.parametrize("order", ["ab", "ba", "deal first"])
def test_a_deal_belongs_to_whom_it_names_first_whatever_came_first(workspace: Workspace, order: str) -> None:
    if order == "deal first":
        _deal(workspace)
    for name in "ba" if order == "ba" else "ab":
        _seen(workspace, name, f"Channel {name}")
    _deal(workspace)
    mill.turn(workspace)
    assert _earned(workspace) == {"Channel b": 10_000}


def test_people_of_a_deal_keep_their_own_codes_when_indexes_are_made_again(workspace: Workspace) -> None:
    _seen(workspace, "b", "Channel b")
    _deal(workspace)
    mill.turn(workspace)
    rebuild_indexes(workspace)
    _seen(workspace, "a", "Channel a")
    mill.turn(workspace)
    rows = workspace.engine.sql("SELECT actor, actor_code FROM touches").to_pylist()
    named = workspace.engine.sql("SELECT code, kind || ':' || value AS name FROM identifiers").to_pylist()
    assert len({row["actor_code"] for row in rows}) == 2
    assert {row["name"]: row["code"] for row in named} == {row["actor"]: row["actor_code"] for row in rows}
    assert len(set(clusters(workspace).person.tolist())) == 2


def test_an_answer_asked_before_the_mill_has_turned_is_not_kept(workspace: Workspace) -> None:
    _seen(workspace, "b", "Channel b")
    _deal(workspace)
    assert _earned(workspace) == {"(unattributed)": 10_000}
    mill.turn(workspace)
    assert _earned(workspace) == {"Channel b": 10_000}
    mill.rebuild(workspace)
    assert _earned(workspace) == {"Channel b": 10_000}
