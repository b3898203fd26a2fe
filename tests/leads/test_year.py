"""A simulated year: many leads live through it, and the laws hold on every day of it."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hedgerow import leads, mill
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace, writing
from hedgerow.ledger.intake.writer import INBOX_BATCH, Payload
from hedgerow.ledger.touch import stated_schema
from tests.leads.market import Market
from tests.leads.test_laws import RULES, none_suppressed

_KINDS = (("view", None), ("submit", "newsletter"), ("submit", "demo"), ("call", None), ("meet", None))
_SHARES = (0.5, 0.2, 0.12, 0.1, 0.05, 0.03)


def live(market: Market, count: int, days: int, every: int) -> None:
    """Let a market of `count` people live through some days, the mill turning `every` few of them."""
    chance = np.random.default_rng(7)
    for day in range(0, days, every):
        _happens(market, chance, count, day, every)
        market.turn(days=every)
        for row in _offered(market):
            _answer(market, row["identifier"], int(row["lead"]))
    market.turn(minutes=1)


def _happens(market: Market, chance: np.random.Generator, count: int, day: int, every: int) -> None:
    size = max(1, count * every // 60)
    who = chance.integers(0, count, size)
    kind = chance.choice(len(_SHARES), size, p=_SHARES)
    verbs = [*(verb for verb, _ in _KINDS), "unsubscribe"]
    objects = [*(form for _, form in _KINDS), None]
    stamps = [market.now + timedelta(seconds=float(s)) for s in chance.uniform(1, every * 86_400 - 1, size)]
    schema = stated_schema({})
    given = {
        "sender_id": pa.array([f"{day}-{number}" for number in range(size)]),
        "occurred_at": pa.array(stamps, pa.timestamp("us", "UTC")),
        "source": pa.array(["year"] * size),
        "verb": pa.array([verbs[each] for each in kind]),
        "actor": pa.array([f"email:p{number}@acme{number % 997}.example" for number in who.tolist()]),
        "object": pa.array([objects[each] for each in kind], pa.string()),
    }
    columns = {field.name: given.get(field.name, pa.nulls(size, field.type)) for field in schema}
    zeros = pa.array(np.zeros(size, np.int64))
    more = {"fault": pa.nulls(size, pa.string()), "line": zeros, "request": zeros, "received_at": given["occurred_at"]}
    with writing(market.workspace) as writer:
        turn = writer.plan("year", INBOX_BATCH, 0)
        writer.write_touches(turn, pa.table(columns | more), lambda places: [Payload("") for _ in places])


def _offered(market: Market) -> list[dict[str, Any]]:
    with market.clock():
        table = leads.today(market.workspace)
    rows: list[dict[str, Any]] = table.filter(table["offered"]).to_pylist()
    return rows[:8]


def _answer(market: Market, who: str, lead: int) -> None:
    with market.clock():
        if lead % 3 == 0:
            leads.accept(market.workspace, who, "user:felix")
        elif lead % 3 == 1:
            wake_at = market.now + timedelta(days=30) if lead % 2 else None
            leads.send_back(market.workspace, who, "not now", "user:nora", wake_at)


def kept(market: Market) -> None:
    """Assert over the whole history, in SQL: one owner at every instant, no clock in silence, live equals rebuild."""
    engine = market.workspace.engine
    steps = engine.sql("SELECT lead, count(*) AS n, max(step) AS last, min(step) AS first FROM changes GROUP BY lead")
    assert steps["n"].to_pylist() == steps["last"].to_pylist()
    assert set(steps["first"].to_pylist()) == {1}
    owners = engine.sql("SELECT DISTINCT stage, team, owner FROM changes").to_pylist()
    for row in owners:
        assert row["owner"] in [*RULES.teams[row["team"]].people, RULES.teams[row["team"]].lead]
        assert row["team"] in [line.team for line in RULES.stages[row["stage"]].owner]
    back = engine.sql(
        "SELECT count(*) AS n FROM (SELECT changed_at - lag(changed_at) OVER (PARTITION BY lead ORDER BY step) AS gap "
        "FROM changes) WHERE gap < INTERVAL 0 SECONDS"
    )
    assert back["n"].to_pylist() == [0]
    now = int(market.now.timestamp() * 1_000_000)
    silent = engine.sql(
        f"SELECT identifier, stage, lapsed, told FROM {leads.ACTIVE} WHERE epoch_us(due_at) <= {now} "
        f"AND NOT list_has_all(told, lapsed)"
    )
    assert silent.to_pylist() == []
    none_suppressed(market)
    live = market.derived()
    assert market.rebuilt() == live


def test_six_weeks_of_a_small_market(workspace: Workspace) -> None:
    market = Market(workspace)
    live(market, 200, 42, 14)
    kept(market)


@pytest.mark.slow
def test_a_year_of_a_hundred_thousand_leads(workspace: Workspace) -> None:
    market = Market(workspace)
    live(market, 100_000, 364, 7)
    assert workspace.engine.sql("SELECT count(DISTINCT lead) AS n FROM changes")["n"][0].as_py() > 95_000
    kept(market)
    with stopped_at(market.now + timedelta(days=400)):
        mill.turn(workspace)
