"""Belonging: who is of which account, since when, and which identifiers are one account."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow import mill
from hedgerow.journeys.reading import units
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds
from hedgerow.ledger import Workspace, create_workspace, open_workspace
from hedgerow.people import account_at, account_of, accounts, all_accounts, clusters, memberships, owners
from hedgerow.people.accounts import TABLE_NAMES
from tests.people.accounts.telling import START, code_of, number_of, tell, touch, whole

HERE = Path(__file__).parent
BELONGING = yaml.safe_load((HERE / "belonging.yaml").read_text("utf-8"))
OVER_TIME = yaml.safe_load((HERE / "memberships.yaml").read_text("utf-8"))
SOME = [each for case in BELONGING for each in case["touches"]]


@pytest.mark.parametrize("case", BELONGING, ids=[case["it"] for case in BELONGING])
def test_belonging(workspace: Workspace, case: dict[str, Any]) -> None:
    tell(workspace, [touch(number, said) for number, said in enumerate(case["touches"])])
    current = accounts(workspace, clusters(workspace))
    for who, account in case.get("accounts", {}).items():
        assert current[code_of(workspace, who)] == (number_of(workspace, account) if account else -1), who
    groups = [{number_of(workspace, name) for name in group} for group in case.get("one", [])]
    assert all(len(group) == 1 and -1 not in group for group in groups)
    assert len(set().union(*groups)) == len(groups)


@pytest.mark.parametrize("case", OVER_TIME, ids=[case["it"] for case in OVER_TIME])
def test_memberships(workspace: Workspace, case: dict[str, Any]) -> None:
    tell(workspace, [touch(number, said) for number, said in enumerate(case["touches"])])
    found = [(row["account"], row["since"], row["until"]) for row in memberships(workspace).to_pylist()]
    assert [(account, _days(since), _days(until)) for account, since, until in found] == [
        (number_of(workspace, account), since, until) for account, since, until in case["memberships"]
    ]
    if found:
        person = np.repeat(code_of(workspace, case["touches"][0]["actor"]), 14)
        at = np.array([microseconds(START + timedelta(days=day)) for day in range(-2, 12)])
        expected = [_at(found, day) for day in range(-2, 12)]
        assert account_at(workspace, person, at).tolist() == expected
        assert accounts(workspace, clusters(workspace))[person[0]] == found[-1][0]


def _days(instant: Any) -> int | None:
    return None if instant is None else round((instant - START) / timedelta(days=1))


def _at(found: list[tuple[Any, ...]], day: int) -> int:
    at = START + timedelta(days=day)
    return next((int(a) for a, since, until in found if since <= at and (until is None or at < until)), -1)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(order=st.permutations(range(len(SOME))), cuts=st.sets(st.integers(1, len(SOME) - 1), max_size=3))
def test_the_order_and_the_turns_in_which_touches_arrive_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: set[int]
) -> None:
    together = create_workspace(tmp_path_factory.mktemp("together"), "Together")
    apart = create_workspace(tmp_path_factory.mktemp("apart"), "Apart")
    touches = [touch(number, said) for number, said in enumerate(SOME)]
    tell(together, touches)
    edges = [0, *sorted(cuts), len(order)]
    for begin, end in pairwise(edges):
        tell(apart, [touches[number] for number in order[begin:end]])
        whole(apart)
    groups, belonging = whole(together)
    others, same = whole(apart)
    assert set(groups.values()) == set(others.values())
    assert belonging == same
    together.close()
    apart.close()


def test_what_is_rebuilt_equals_what_was_live(workspace: Workspace) -> None:
    touches = [touch(number, said) for number, said in enumerate(SOME)]
    for begin in range(3):
        tell(workspace, touches[begin::3])
    live = {name: workspace.engine.sql(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in TABLE_NAMES}
    now, seen = accounts(workspace, clusters(workspace)).tolist(), memberships(workspace).to_pylist()
    mill.rebuild(workspace)
    assert live == {n: workspace.engine.sql(f"SELECT * FROM {n} ORDER BY ALL").to_pylist() for n in TABLE_NAMES}
    assert accounts(workspace, clusters(workspace)).tolist() == now
    assert memberships(workspace).to_pylist() == seen
    assert live["belongings"] and live["account_ties"]


def _owned(folder: Path, roll_up: bool) -> Workspace:
    create_workspace(folder, "Owned").close()
    with (folder / "hedgerow.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[accounts]\nroll_up = {str(roll_up).lower()}\nparents = {{ "tidewater.fr" = "tidewater.example" }}\n'
        )
    return open_workspace(folder)


@pytest.mark.parametrize("roll_up", [False, True])
def test_a_subsidiarys_journeys_are_its_owners_only_where_the_settings_say_so(tmp_path: Path, roll_up: bool) -> None:
    workspace = _owned(tmp_path / "owned", roll_up)
    said: list[dict[str, Any]] = [
        {"actor": "email:ann@tidewater.example"},
        {"actor": "email:bob@tidewater.fr"},
        {"actor": "account:7", "claims": ["domain:quay.example"], "says": {"parent": "tidewater.fr"}},
        {"actor": "email:eve@quay.example"},
    ]
    tell(workspace, [touch(number, each) for number, each in enumerate(said)])
    top, middle, low = (
        number_of(workspace, f"domain:{d}") for d in ("tidewater.example", "tidewater.fr", "quay.example")
    )
    assert owners(workspace) == {middle: top, low: middle}
    unit = units(workspace, "account")
    who = [
        code_of(workspace, f"email:{name}")
        for name in ("ann@tidewater.example", "bob@tidewater.fr", "eve@quay.example")
    ]
    assert len({int(unit[code]) for code in who}) == (1 if roll_up else 3)
    shown = account_of(workspace, middle)
    assert shown.owner == (top, "tidewater.example")
    assert shown.owned == ((low, "quay.example"),)
    assert [row["who"] for row in shown.people.to_pylist()] == ["email:bob@tidewater.fr"]
    workspace.close()


def test_owners_in_a_round_have_one_at_the_top(workspace: Workspace) -> None:
    said: list[dict[str, Any]] = [
        {"actor": "account:1", "says": {"parent": "account:2"}},
        {"actor": "account:2", "says": {"parent": "account:3"}},
        {"actor": "account:3", "says": {"parent": "account:1"}},
    ]
    tell(workspace, [touch(number, each) for number, each in enumerate(said)])
    above = owners(workspace)
    assert len(above) == 2
    assert set(above) | set(above.values()) == {number_of(workspace, f"account:{n}") for n in (1, 2, 3)}
    assert min(above.values()) not in above


def test_a_mail_domain_of_the_settings_is_no_company(tmp_path: Path) -> None:
    create_workspace(tmp_path / "free", "Free").close()
    with (tmp_path / "free" / "hedgerow.toml").open("a", encoding="utf-8") as file:
        file.write('[accounts]\nfree_mail = ["town.example"]\n')
    workspace = open_workspace(tmp_path / "free")
    tell(workspace, [touch(0, {"actor": "email:ann@town.example"})])
    assert accounts(workspace, clusters(workspace)).max() == -1
    assert len(all_accounts(workspace)) == 0
    workspace.close()


def test_no_unit_of_an_account_is_a_persons_without_one(workspace: Workspace) -> None:
    tell(
        workspace,
        [touch(n, {"actor": f"email:p{n}@{d}"}) for n, d in enumerate(["gmail.com", "a.example", "b.example"] * 3)],
    )
    unit, current = units(workspace, "account"), accounts(workspace, clusters(workspace))
    emails = [code_of(workspace, f"email:p{n}@{d}") for n, d in enumerate(["gmail.com", "a.example", "b.example"] * 3)]
    assert len({int(unit[code]) for code in emails}) == 2 + 3
    assert len({int(current[code]) for code in emails}) == 2 + 1


def test_every_villagers_account_is_the_one_they_work_for(village_workspace: Workspace) -> None:
    current = accounts(village_workspace, clusters(village_workspace))
    rows = village_workspace.engine.sql("SELECT code, value FROM identifiers WHERE kind = 'email'").to_pylist()
    work = [row for row in rows if not row["value"].endswith(("@postbox.example", ".exmaple"))]
    assert len(work) > 60
    for row in work:
        domain = row["value"].rpartition("@")[2]
        assert current[row["code"]] == number_of(village_workspace, f"domain:{domain}"), row["value"]
    odd = [row["code"] for row in rows if row["value"].endswith("@postbox.example")]
    alone = [code for code in odd if (clusters(village_workspace).person == code).sum() == 1]
    assert alone and set(current[alone].tolist()) == {-1}


def test_an_account_is_shown_whole_and_found_by_any_spelling(village_workspace: Workspace) -> None:
    everything = all_accounts(village_workspace)
    assert sum(everything["deals"].to_pylist()) == village_workspace.engine.sql("SELECT id FROM deals").num_rows
    for row in everything.slice(0, 5).to_pylist():
        shown = account_of(village_workspace, row["account"])
        assert (shown.name, shown.deals.num_rows) == (row["name"], row["deals"])
        assert sum(1 for person in shown.people.to_pylist() if person["until"] is None) == row["people"]
        assert row["account"] in all_accounts(village_workspace, row["domain"].upper())["account"].to_pylist()
    assert len(all_accounts(village_workspace, "no such company")) == 0
    with pytest.raises(HedgerowError, match="look for it"):
        account_of(village_workspace, 10**15)
