"""Transitions: each way of four charters of different shape, with a lead that takes it."""

import json
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow import leads
from hedgerow.charter import read_file
from hedgerow.collect import import_file, load_map
from hedgerow.ledger import Workspace
from tests.conftest import ROOT
from tests.leads.market import MONDAY, Market

FOLDER = Path(__file__).with_name("transitions")
CHARTERS = {
    "village": Path(str(files("hedgerow.village").joinpath("charter.yaml"))),
    **{name: ROOT / f"examples/charters/{name}.yaml" for name in ("enterprise", "product_led", "community_led")},
}
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


@pytest.mark.parametrize("name", CHARTERS)
def test_each_way_of_a_charter_is_taken_by_the_lead_that_should(
    name: str, workspace: Workspace, tmp_path: Path
) -> None:
    cases = _cases(name)
    taken = _lived(Market(workspace, CHARTERS[name].read_text("utf-8")), cases, tmp_path)
    assert taken == {case["it"]: case["then"] for case in cases}


@pytest.mark.parametrize("name", CHARTERS)
def test_every_transition_and_every_clock_that_moves_has_a_case(name: str) -> None:
    charter = read_file(CHARTERS[name])
    clocks = [clock for stage in charter.stages.values() for clock in stage.clocks.items()]
    taken = {said.split(" by ")[1] for case in _cases(name) for said in case["then"]}
    assert taken - {"begin", "wake"} == {*charter.transitions, *(clock for clock, rule in clocks if rule.otherwise.to)}


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return cases


def _lived(market: Market, cases: list[dict[str, Any]], folder: Path) -> dict[str, list[str]]:
    """Return what became of the lead of each case: they all live in one market, each in an account of its own."""
    stages: dict[str, list[str]] = {}
    for hours in sorted({line[0] for case in cases for line in case["does"]}):
        market.now = MONDAY + timedelta(hours=hours)
        for number, case in enumerate(cases):
            for _, deed, *more in (line for line in case["does"] if line[0] == hours):
                _do(market, f"ann@acme{number}.example", deed, more, folder)
        market.turn(minutes=1)
        for number, case in enumerate(cases):
            if case["does"][-1][0] == hours:
                found = market.stages(f"email:ann@acme{number}.example")
                stages[case["it"]] = [f"{stage} by {rule}" for stage, rule in found]
    return stages


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
        name, _, value = more[0].partition(" ") if more else ("", "", "")
        market.does(who, verb, object=what or None, properties=json.dumps({name: value}) if more else None)


def _deal(market: Market, mail: str, stage: str, folder: Path) -> None:
    closed = f"{market.now:%Y-%m-%d %H:%M:%S}" if stage in ("won", "lost") else ""
    rows = f"id,mail,stage,amount,currency,closed,changed\n{mail},{mail},{stage},100,EUR,{closed},"
    (folder / "deals.csv").write_text(f"{rows}{market.now:%Y-%m-%d %H:%M:%S}\n", "utf-8")
    (folder / "deals.toml").write_text(MAP, "utf-8")
    import_file(market.workspace, "deal", folder / "deals.csv", load_map(folder / "deals.toml"))
