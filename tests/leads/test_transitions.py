"""Transitions: each way of the village's charter, with a lead that takes it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow import leads
from hedgerow.collect import import_file, load_map
from hedgerow.ledger import create_workspace
from tests.leads.market import MONDAY, Market

CASES = yaml.safe_load(Path(__file__).with_name("transitions.yaml").read_text("utf-8"))
MAP = """
says = "Deals of a test."
source = "test_deals"
[read]
format = "csv"
zone = "UTC"
time = "%Y-%m-%d %H:%M:%S"
currency = "EUR"
[[deal]]
id = "id"
people = ["'email:' || mail"]
stage = "stage"
won = "case stage when 'won' then true when 'lost' then false end"
amount = "amount"
currency = "currency"
closed_at = "closed"
changed_at = "changed"
"""


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """What became of the lead of each case: they all live in one market, each in an account of its own."""
    folder = tmp_path_factory.mktemp("market")
    workspace = create_workspace(folder / "workspace", "Test")
    market = Market(workspace)
    stages: dict[str, list[str]] = {}
    for hours in sorted({line[0] for case in CASES for line in case["does"]}):
        for number, case in enumerate(CASES):
            deeds = [(deed, more) for at, deed, *more in case["does"] if at == hours]
            for deed, more in deeds:
                market.now = MONDAY + timedelta(hours=hours)
                _do(market, f"ann@acme{number}.example", deed, more, folder)
        market.turn(minutes=1)
        for number, case in enumerate(CASES):
            if case["does"][-1][0] == hours:
                found = market.stages(f"email:ann@acme{number}.example")
                stages[case["it"]] = [f"{stage} by {rule}" for stage, rule in found]
    yield stages
    workspace.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_it(case: dict[str, Any], taken: dict[str, list[str]]) -> None:
    assert taken[case["it"]] == case["then"]


def test_every_transition_and_every_clock_that_moves_has_a_case() -> None:
    taken = {said.split(" by ")[1] for case in CASES for said in case["then"]}
    assert {"heard", "qualified", "again", "taken", "refused", "stalled", "opened", "won", "lost", "wake"} <= taken


def _do(market: Market, mail: str, deed: str, more: list[str], folder: Path) -> None:
    verb, _, what = deed.partition(" ")
    who = f"email:{mail}"
    with market.clock():
        if verb == "accept":
            leads.accept(market.workspace, who, market.lead(who)["owner"])
        elif verb == "refuse":
            leads.send_back(market.workspace, who, "no need", market.lead(who)["owner"])
        elif verb == "sleep":
            until = market.now + timedelta(days=20)
            leads.send_back(market.workspace, who, "later", market.lead(who)["owner"], until)
        elif verb == "deal":
            _deal(market, mail, what, folder)
    if verb in ("submit", "view", "call", "meet"):
        role = f'{{"role": "{more[0].removeprefix("role ")}"}}' if more else None
        market.does(who, verb, object=what or None, properties=role)


def _deal(market: Market, mail: str, stage: str, folder: Path) -> None:
    closed = f"{market.now:%Y-%m-%d %H:%M:%S}" if stage in ("won", "lost") else ""
    rows = f"id,mail,stage,amount,currency,closed,changed\n{mail},{mail},{stage},100,EUR,{closed},"
    (folder / "deals.csv").write_text(f"{rows}{market.now:%Y-%m-%d %H:%M:%S}\n", "utf-8")
    (folder / "deals.toml").write_text(MAP, "utf-8")
    import_file(market.workspace, "deal", folder / "deals.csv", load_map(folder / "deals.toml"))
