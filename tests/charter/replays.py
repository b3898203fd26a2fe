"""Replays: each law's counterexample, decided, shows the fault it was printed for."""

from collections.abc import Callable

from hedgerow.charter.condition import holds
from hedgerow.charter.law import Broken
from hedgerow.charter.rules import Charter
from tests.charter.brute import graded, samples
from tests.charter.cases import ENTERED, MUCH_LATER, decided, entering


def _one_owner(charter: Charter, broken: Broken) -> None:
    assert len(decided(charter, [broken.lead])[0]["owners"]) != 1


def _one_way(charter: Charter, broken: Broken) -> None:
    holding = decided(charter, [broken.lead])[0]["holding"]
    assert set(broken.rules) <= set(holding)
    assert len({charter.transitions[name].to for name in broken.rules}) == 2


def _reaches_end(charter: Charter, broken: Broken) -> None:
    assert not any(charter.stages[stage].end for stage in _reached(charter, str(broken.lead["stage"])))


def _reached(charter: Charter, stage: str) -> set[str]:
    reached, left = set[str](), [stage]
    while left:
        stage = left.pop()
        leads = [{**lead, "stage": stage} for lead in samples(charter)]
        beyond = {row["to"] for at in (ENTERED, MUCH_LATER) for row in decided(charter, leads, at)} - {None}
        left += beyond - reached
        reached |= beyond
    return reached


def _no_ping_pong(charter: Charter, broken: Broken) -> None:
    lead, stage = dict(broken.lead), str(broken.lead["stage"])
    for rule in broken.rules:
        row = decided(charter, [lead])[0]
        assert row["transition"] == rule
        lead = entering(charter, lead, row["to"])
    assert lead["stage"] == stage


def _no_dead_rule(charter: Charter, broken: Broken) -> None:
    rule = broken.rules[0].split("'")
    rows = decided(charter, [broken.lead, *samples(charter)])
    if broken.rules[0] in charter.stages:
        assert broken.rules[0] not in _reached(charter, charter.begin)
    elif broken.rules[0].startswith("'"):
        assert all(rule[1] not in row["holding"] for row in rows)
    elif "audience" in rule[0]:
        assert all(rule[1] not in row["audiences"] for row in rows)
    elif "suppression" in rule[0]:
        assert all(rule[1] not in row["suppressed"] for row in rows)
    elif "points" in rule[0]:
        assert not any(holds(charter.score[rule[1]].when, lead) for lead in [broken.lead, *samples(charter)])
    else:
        assert "clock" in rule[0]
        assert all(rule[1] == row["clock"] for row in rows if row["stage"] == rule[3])


def _no_hidden_rule(charter: Charter, broken: Broken) -> None:
    name, first = broken.rules
    row = decided(charter, [broken.lead])[0]
    if name in charter.transitions:
        assert (row["transition"], row["holding"].index(first) < row["holding"].index(name)) == (first, True)
        return
    assert first in (row["grade"], row["segment"]) or name in charter.teams["sales"].routing
    routes = {each: route.when for each, route in charter.teams["sales"].routing.items()}
    grades = {each: grade.when for each, grade in charter.grades.items()}
    segments = {each: segment.when for each, segment in charter.segments.items()}
    for each in (name, first):
        when = {**grades, **segments, **routes}[each]
        assert when is None or holds(when, broken.lead)


def _waits_end(charter: Charter, broken: Broken) -> None:
    assert decided(charter, [broken.lead], MUCH_LATER)[0]["to"] is None


def _audience(charter: Charter, broken: Broken) -> None:
    assert broken.rules[0] in decided(charter, [broken.lead])[0]["audiences"]


def _open_opportunity(charter: Charter, broken: Broken) -> None:
    _audience(charter, broken)
    assert broken.lead["open_opportunity"] is True
    assert broken.lead["sales_allows_marketing"] is not True


def _opted_out(charter: Charter, broken: Broken) -> None:
    _audience(charter, broken)
    assert broken.lead["opted_out"] is True


def _taken_out(charter: Charter, broken: Broken) -> None:
    _audience(charter, broken)
    assert broken.lead["taken_out"] is True
    assert charter.audiences[broken.rules[0]].side == "marketing"


def _hand_offs(charter: Charter, broken: Broken) -> None:
    passed = decided(charter, [broken.lead], MUCH_LATER)[0]
    assert passed["transition"] == broken.rules[0]
    sides = [charter.teams[passed[name]].side for name in ("owner", "next_owner")]
    assert sides[0] != sides[1]
    arrived = decided(charter, [entering(charter, broken.lead, passed["to"])])[0]
    assert arrived["clock"] is None or passed["route"] is None


def _shares(charter: Charter, broken: Broken) -> None:
    shares, lead = getattr(charter.contribution, broken.rules[0]), graded(charter, broken.lead)
    assert sum(each.share for each in shares if each.when is None or holds(each.when, lead)) > 100


REPLAYS: dict[str, Callable[[Charter, Broken], None]] = {
    "hand_offs": _hand_offs,
    "no_dead_rule": _no_dead_rule,
    "no_hidden_rule": _no_hidden_rule,
    "no_ping_pong": _no_ping_pong,
    "one_owner": _one_owner,
    "one_way": _one_way,
    "open_opportunity": _open_opportunity,
    "opted_out": _opted_out,
    "reaches_end": _reaches_end,
    "shares": _shares,
    "taken_out": _taken_out,
    "waits_end": _waits_end,
}
