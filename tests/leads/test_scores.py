"""Scores in the charter: what people do and are moves a lead, and so does time, by the minute, as points fade."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from hedgerow import score
from hedgerow.kit.clock import microseconds
from hedgerow.ledger import Workspace
from tests.leads.market import CHARTER, Market

ANN = "email:ann@acme.example"


def _keen(market: Market) -> None:
    for hours, (verb, url) in enumerate((("view", "/pricing"), ("download", "/guide"), ("register", "/webinar")) * 2):
        market.wait(hours=1).does(ANN, verb, url=f"https://acme.example{url}", object=f"{verb} {hours}")
    market.turn(minutes=1)


def test_what_somebody_does_is_a_score_that_the_charter_asks_for(workspace: Workspace) -> None:
    market = Market(workspace)
    _keen(market)
    lead, [worth] = market.lead(ANN), score.scores(workspace, market.now).to_pylist()
    assert worth["engagement"] > 20
    assert float(lead["engagement"]) == worth["engagement"]
    assert float(lead["score"]) == worth["score"] + 20, "busy adds twenty"
    assert lead["audiences"] == ["advertising"]


def test_who_falls_below_a_number_leaves_the_audience_at_that_minute(workspace: Workspace) -> None:
    plain = CHARTER.replace("touches_30_days >= 5, points: 20", "touches_30_days >= 5, points: 0").replace(
        "points: -20", "points: 0"
    )
    market = Market(
        workspace, plain.replace("decides: marketing, when: score >= 30", "decides: marketing, when: score >= 15")
    )
    _keen(market)
    assert market.lead(ANN)["audiences"] == ["advertising"]
    for _ in range(40):
        before = market.lead(ANN)
        market.now = datetime.fromtimestamp(before["next_at"] / 1_000_000, UTC)
        market.turn()
        if market.lead(ANN)["audiences"] != before["audiences"]:
            break
    after = market.lead(ANN)
    assert "advertising" not in (after["audiences"] or ())
    person = after["person"]
    instants = [microseconds(market.now - timedelta(minutes=1)), microseconds(market.now)]
    asked = pa.table({"row": [0, 1], "person": [person] * 2, "instant": instants})
    was, now = score.scores_at(workspace, asked)["score"].to_pylist()
    assert float(after["score"]) == now
    assert was >= 15 > now
    live = market.derived()
    assert market.rebuilt() == live
