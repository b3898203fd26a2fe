"""Deciding: what a charter says of leads, whole tables at once, and who gets them."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.charter import DECIDED, Desk, assign, decide, holds, may_come_into_force, prove
from hedgerow.charter.facts import Lead
from hedgerow.charter.rules import Charter
from hedgerow.kit import HedgerowError
from tests.charter.brute import graded, samples
from tests.charter.cases import ENTERED, MUCH_LATER, changed, decided, table

SMALL = changed({})


def number(value: float) -> Decimal:
    return Decimal(str(value))


def test_a_lead_that_qualifies_is_passed_with_owner_route_and_grade() -> None:
    lead: Lead = {"stage": "known", "score": number(85), "days_in_stage": number(9), "country": "DE"}
    row = decided(SMALL, [lead])[0]
    assert (row["transition"], row["to"], row["owner"], row["next_owner"]) == (
        "qualified",
        "working",
        "marketing",
        "sales",
    )
    assert (row["route"], row["grade"], row["segment"], row["holding"]) == ("german", "A", None, ["qualified"])


def test_a_lead_stays_where_nothing_holds() -> None:
    row = decided(SMALL, [{"stage": "known", "employees": number(600)}])[0]
    assert (row["transition"], row["to"], row["next_owner"], row["owner"]) == (None, None, None, "marketing")
    assert (row["segment"], row["track"], row["points"]) == ("big", "high", 0)


def test_the_stated_order_decides_between_two() -> None:
    row = decided(SMALL, [{"stage": "working", "accepted": True, "returned": True}])[0]
    assert (row["transition"], row["holding"]) == ("won", ["won", "refused"])


def test_a_clock_runs_by_the_calendar_and_takes_the_lead_when_it_is_due() -> None:
    due_at = ENTERED + timedelta(hours=4)
    before, after = (decided(SMALL, [{"stage": "working"}], at)[0] for at in (due_at - timedelta(seconds=1), due_at))
    assert (before["clock"], before["due_at"], before["lapsed"], before["to"]) == ("answer", due_at, [], None)
    assert (after["lapsed"], after["transition"], after["to"]) == (["answer"], "answer", "known")


def test_a_clock_that_is_met_does_not_run_and_one_that_only_tells_moves_nobody() -> None:
    row = decided(SMALL, [{"stage": "known", "contacts": number(1)}])[0]
    assert row["clock"] == "give_up"
    later = decided(SMALL, [{"stage": "known"}], ENTERED + timedelta(days=30))[0]
    assert (later["clock"], later["lapsed"], later["to"]) == ("care", ["care"], None)


def test_a_transition_goes_before_a_clock_that_ran_out() -> None:
    row = decided(SMALL, [{"stage": "known", "score": number(60), "days_in_stage": number(7)}], MUCH_LATER)[0]
    assert (row["to"], row["lapsed"]) == ("working", ["care", "give_up"])


def test_suppression_names_the_rule_that_keeps_a_lead_out() -> None:
    mail: Lead = {"stage": "working", "consents_to_mail": True}
    rows = decided(SMALL, [mail, {**mail, "open_opportunity": True}, {**mail, "opted_out": True}])
    assert [row["audiences"] for row in rows] == [["mail", "calls"], ["calls"], []]
    assert [row["suppressed"] for row in rows] == [[], ["open"], ["opted_out"]]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(1, 50))
def test_a_table_is_decided_as_plain_logic_decides_each_lead(seed: int) -> None:
    leads = [graded(SMALL, lead) for lead in samples(SMALL, 100 + seed)][seed:]
    for lead, row in zip(leads, decided(SMALL, leads), strict=True):
        leaving = SMALL.leaving(str(lead["stage"]))
        assert row["holding"] == [name for name in leaving if holds(SMALL.transitions[name].when, lead)]
        assert row["suppressed"] == [name for name, rule in SMALL.suppression.items() if holds(rule.when, lead)]
        assert row["grade"] == lead["grade"]
        assert row["points"] == sum(rule.points for rule in SMALL.score.values() if holds(rule.when, lead))


def test_no_leads_are_decided_as_none() -> None:
    assert decide(SMALL, table(SMALL, []), ENTERED).schema == DECIDED


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("score", pa.array([120.0]), "'score' that it can't be: give a number from 0 to 100 or nothing"),
        ("score", pa.array([float("nan")]), "'score' that it can't be"),
        ("stage", pa.array(["nowhere"]), "give one of known, working, done, closed"),
        ("accepted", pa.array([None], pa.bool_()), "'accepted' that it can't be: give true or false"),
        ("contacts", pa.array([1.5]), "'contacts' that it can't be: give a whole number"),
        ("touches", pa.array([-1]), "'touches' that it can't be"),
    ],
)
def test_a_value_that_no_law_was_proved_for_is_refused(name: str, values: Any, said: str) -> None:
    leads = table(SMALL, [{}])
    with pytest.raises(HedgerowError, match=said):
        decide(SMALL, leads.set_column(leads.column_names.index(name), name, values), ENTERED)


def test_a_fact_that_is_never_unknown_must_be_there_and_any_other_may_be_left_out() -> None:
    with pytest.raises(HedgerowError, match="no 'accepted', which is never unknown"):
        decide(SMALL, table(SMALL, [{}]).drop_columns(["accepted"]), ENTERED)
    assert decide(SMALL, table(SMALL, [{}]).drop_columns(["score"]), ENTERED)["grade"].to_pylist() == [None]


def test_floating_numbers_are_rounded_to_what_the_laws_count_with() -> None:
    leads = table(SMALL, [{"days_in_stage": number(7)}])
    score = pa.array([59.99996])
    rounded = leads.set_column(leads.column_names.index("score"), "score", score)
    assert decide(SMALL, rounded, ENTERED)["transition"].to_pylist() == ["qualified"]


def team(**change: Any) -> Charter:
    return changed({f"teams.sales.{key}": value for key, value in change.items()})


def test_people_take_turns_and_the_turn_goes_on_where_it_stopped() -> None:
    sales, desk = SMALL.teams["sales"], Desk()
    assert assign(sales, [("others", None)] * 3, desk) == ["bob", "cyd", "bob"]
    assert assign(sales, [("others", None)], desk) == ["cyd"]
    assert assign(sales, [("german", None), (None, None)], desk) == ["bob", "bob"]
    assert desk.load == {"bob": 4, "cyd": 2}


def test_who_is_full_is_passed_over_and_the_lead_of_the_team_takes_the_rest() -> None:
    sales = team(people={"bob": {"capacity": 1}, "cyd": {"capacity": 2}}).teams["sales"]
    assert assign(sales, [("others", None)] * 5, Desk()) == ["bob", "cyd", "cyd", "bob", "bob"]


def test_who_speaks_the_language_goes_first_and_anybody_where_nobody_does() -> None:
    people = {"bob": {"languages": ["en"]}, "cyd": {"languages": ["en", "de"]}}
    sales = team(people=people, routing={"any": {"language": "true"}}).teams["sales"]
    assert assign(sales, [("any", "de"), ("any", "de"), ("any", "fr"), ("any", None)], Desk()) == [
        "cyd",
        "cyd",
        "bob",
        "cyd",
    ]


def test_the_least_loaded_is_so_by_share_of_capacity() -> None:
    people = {"bob": {"capacity": 10}, "cyd": {"capacity": 4}}
    sales = team(people=people, routing={"any": {"by": "least_loaded"}}).teams["sales"]
    assert assign(sales, [("any", None)], Desk({"bob": 4, "cyd": 1})) == ["cyd"]
    assert assign(sales, [("any", None)], Desk({"bob": 4, "cyd": 2})) == ["bob"]


@given(caps=st.tuples(st.integers(1, 9), st.integers(1, 9)), count=st.integers(0, 25))
def test_nobody_gets_more_than_their_room_but_for_the_lead_of_the_team(caps: tuple[int, int], count: int) -> None:
    people = {"bob": {"capacity": str(caps[0])}, "cyd": {"capacity": str(caps[1])}}
    sales = team(people=people).teams["sales"]
    given_to = Counter(assign(sales, [("others", None)] * count, Desk()))
    assert given_to["cyd"] <= caps[1]
    assert given_to["bob"] <= max(caps[0], count - caps[1])
    assert given_to.total() == count


def test_what_z3_cannot_decide_is_no_proof_and_names_the_rule() -> None:
    verdicts = {verdict.name: verdict for verdict in prove(SMALL, allowance=1)}
    assert verdicts["opted_out"].state == "unknown"
    assert verdicts["opted_out"].undecided == "mail"
    assert not may_come_into_force(SMALL, verdicts.values())
