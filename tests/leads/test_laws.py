"""Laws: one owner at every instant, no clock missed in silence, live equals rebuild, whatever happens."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow import leads
from hedgerow.charter import Lead, due, holds, read_charter
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds
from hedgerow.ledger import create_workspace
from hedgerow.people import clusters
from tests.leads.market import CHARTER, Market

pytestmark = pytest.mark.slow

RULES = read_charter(CHARTER)
PEOPLE = [f"email:{name}@acme.example" for name in ("ann", "bob", "cat")]
DEEDS = ("asks", "view", "call", "meet", "joins", "accept", "send_back", "sleep", "give", "out", "unsubscribe")
GAPS = (0.01, 3, 20, 80, 400, 2000)

steps = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE), st.sampled_from(GAPS), st.booleans()),
    min_size=2,
    max_size=9,
)


def _do(market: Market, deed: str, who: str) -> None:
    by = "user:felix"
    try:
        with market.clock():
            if deed == "accept":
                leads.accept(market.workspace, who, by)
            elif deed == "send_back":
                leads.send_back(market.workspace, who, "no budget", by)
            elif deed == "sleep":
                leads.send_back(market.workspace, who, "later", by, market.now + timedelta(days=20))
            elif deed == "give":
                leads.give(market.workspace, who, "nora@copperkettle.example", by)
            elif deed == "out":
                leads.restrict(market.workspace, who, by, taken_out=True)
    except HedgerowError as refusal:
        assert refusal.sentence.endswith(".")
    if deed == "asks":
        market.asks(who)
    elif deed == "joins":
        market.does(who, "identify", claims=(PEOPLE[0],))
    elif deed in ("view", "call", "meet", "unsubscribe"):
        market.does(who, deed, ago=timedelta(hours=1))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=steps)
def test_whatever_happens_the_laws_hold(story: list[tuple[str, str, float, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "w", "Test")
        market = Market(workspace)
        for deed, who, gap, turns in story:
            _do(market, deed, who)
            market.wait(hours=gap)
            if turns:
                market.turn()
        market.turn()
        one_owner(market)
        none_in_silence(market)
        none_suppressed(market)
        assert market.rebuilt() == market.derived()
        live = market.derived()
        market.turn()
        assert market.derived() == live
        workspace.close()


def one_owner(market: Market) -> None:
    """Every lead has one owner of its team from its first change on, and every person one lead that stands."""
    for changes in _histories(market):
        assert [row["step"] for row in changes] == list(range(1, len(changes) + 1))
        instants = [row["changed_at"] for row in changes]
        assert instants == sorted(instants)
        for row in changes:
            assert row["owner"] in [*RULES.teams[row["team"]].people, RULES.teams[row["team"]].lead]
            assert row["team"] in [line.team for line in RULES.stages[row["stage"]].owner]
    standing = market.workspace.engine.sql(f"SELECT lead FROM {leads.ACTIVE}")["lead"].to_numpy()
    persons = clusters(market.workspace).person[standing]
    assert len(np.unique(persons)) == len(persons)
    every = market.workspace.engine.sql("SELECT code FROM identifiers WHERE kind = 'email'")["code"].to_numpy()
    assert set(clusters(market.workspace).person[every]) == set(persons)


def none_in_silence(market: Market) -> None:
    """Every clock that was due in a stay and not met by then moved the lead or was told of."""
    for changes in _histories(market):
        for stay, end in _stays(changes, market.now):
            first = stay[0]
            for name, clock in RULES.stages[first["stage"]].clocks.items():
                calendar = RULES.calendars[RULES.teams[first["team"]].calendar]
                entered = microseconds(first["entered_at"])
                due_at = int(due(calendar, np.array([entered]), clock.within)[0])
                if due_at > microseconds(end) or (clock.must and _met(market, clock.must, stay, due_at)):
                    continue
                said = {row["rule"] for row in stay if row["verb"] == "escalate"} | {t for r in stay for t in r["told"]}
                after = [row["rule"] for row in changes if row["step"] == stay[-1]["step"] + 1]
                gave_way = stay[-1]["verb"] == "cede"
                assert name in said or name in after or gave_way, (name, first["stage"])


def none_suppressed(market: Market) -> None:
    """Nobody for whom a suppression holds is in an audience it guards."""
    for row in market.derived()["leads"]:
        for name in row["audiences"] or ():
            assert not [rule for rule in row["suppressed"] if name in RULES.suppression[rule].from_]


def _histories(market: Market) -> Iterator[list[dict[str, Any]]]:
    rows = market.workspace.engine.sql("SELECT * FROM changes ORDER BY lead, step").to_pylist()
    for lead in dict.fromkeys(row["lead"] for row in rows):
        yield [row for row in rows if row["lead"] == lead]


def _stays(changes: list[dict[str, Any]], now: datetime) -> Iterator[tuple[list[dict[str, Any]], datetime]]:
    """Yield the changes of each stay, and when it ended."""
    starts = [place for place, row in enumerate(changes) if row["verb"] == "progress"] + [len(changes)]
    for start, stop in pairwise(starts):
        yield changes[start:stop], changes[stop]["changed_at"] if stop < len(changes) else now


def _met(market: Market, must: Any, stay: list[dict[str, Any]], due_at: int) -> bool:
    """Return whether what a clock waits for was there when it was due, by the touches themselves."""
    entered = microseconds(stay[0]["entered_at"])
    person = clusters(market.workspace).person
    rows = market.workspace.engine.sql("SELECT verb, actor_code, occurred_at FROM touches").to_pylist()
    made = [
        row["verb"]
        for row in rows
        if entered < microseconds(row["occurred_at"]) <= due_at and person[row["actor_code"]] == person[stay[0]["lead"]]
    ]
    answers = [row for row in stay if microseconds(row["changed_at"]) <= due_at]
    lead: Lead = {
        "accepted": any(row["accepted"] for row in answers),
        "returned": any(row["returned"] for row in answers),
        "contacts": Decimal(sum(verb in ("call", "meet") for verb in made)),
        "answered": "meet" in made,
        "open_opportunity": False,
        "has_won": False,
    }
    return bool(holds(must, lead))


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=steps)
def test_whatever_happens_the_laws_hold_at_length(story: list[tuple[str, str, float, bool]]) -> None:
    test_whatever_happens_the_laws_hold.hypothesis.inner_test(story)  # type: ignore[attr-defined]
