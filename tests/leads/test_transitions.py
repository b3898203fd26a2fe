"""Transitions: each way of the village's charter, with a lead that takes it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow import leads
from hedgerow.collect import import_file, load_map
from hedgerow.ledger import Workspace
from tests.leads.market import MONDAY, Market

ANN = "email:ann@acme.example"
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_it(case: dict[str, Any], workspace: Workspace, tmp_path: Path) -> None:
    market = Market(workspace)
    for hours, deed, *more in case["does"]:
        market.now = MONDAY + timedelta(hours=hours)
        _do(market, deed, more, tmp_path)
        market.turn(minutes=1)
    assert [f"{stage} by {rule}" for stage, rule in market.stages(ANN)] == case["then"]


def test_every_transition_and_every_clock_that_moves_has_a_case() -> None:
    taken = {said.split(" by ")[1] for case in CASES for said in case["then"]}
    assert {"heard", "qualified", "again", "taken", "refused", "stalled", "opened", "won", "lost", "wake"} <= taken


def _do(market: Market, deed: str, more: list[str], folder: Path) -> None:
    verb, _, what = deed.partition(" ")
    with market.clock():
        if verb == "accept":
            leads.accept(market.workspace, ANN, "user:felix")
        elif verb == "refuse":
            leads.send_back(market.workspace, ANN, "no need", "user:felix")
        elif verb == "sleep":
            leads.send_back(market.workspace, ANN, "later", "user:felix", market.now + timedelta(days=20))
        elif verb == "deal":
            _deal(market, what, folder)
    if verb in ("submit", "view", "call", "meet"):
        role = f'{{"role": "{more[0].removeprefix("role ")}"}}' if more else None
        market.does(ANN, verb, object=what or None, properties=role)


def _deal(market: Market, stage: str, folder: Path) -> None:
    closed = f"{market.now:%Y-%m-%d %H:%M:%S}" if stage in ("won", "lost") else ""
    rows = f"id,mail,stage,amount,currency,closed,changed\nd1,ann@acme.example,{stage},100,EUR,{closed},"
    (folder / "deals.csv").write_text(f"{rows}{market.now:%Y-%m-%d %H:%M:%S}\n", "utf-8")
    (folder / "deals.toml").write_text(MAP, "utf-8")
    import_file(market.workspace, "deal", folder / "deals.csv", load_map(folder / "deals.toml"))
