"""Brute force: every lead over the few values that conditions can tell apart, or a sample of them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from hedgerow.charter.condition import Condition, holds
from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import Answer, Fact, Lead
from hedgerow.charter.proving import conditions_of
from hedgerow.charter.rules import MADE, Charter

_STEP = Decimal("0.0001")


def domains(charter: Charter, *parts: Any) -> dict[str, list[Answer]]:
    """Return the values of every fact that parts of a charter (or all of it) ask for, such that no two are alike.

    That holds where numbers and texts are compared with literals only.
    """
    nodes = [node for c in conditions_of(parts or charter) for node in t.walk(c.tree)]
    asked = {node.fact.name: node.fact for node in nodes if isinstance(node, t.Named)}
    return {name: _values(nodes, fact) for name, fact in asked.items() if name not in (*MADE, "stage")}


def samples(charter: Charter, size: int = 400) -> list[Lead]:
    """Return leads over all stages, the same ones for the same charter."""
    draw, found = Random(7), domains(charter)
    leads = [{name: draw.choice(values) for name, values in found.items()} for _ in range(size)]
    return [{**lead, "stage": draw.choice(list(charter.stages))} for lead in leads]


def _values(nodes: list[t.Node], fact: Fact) -> list[Answer]:
    compared = [list(t.walk(node)) for node in nodes if isinstance(node, t.Compare | t.Same | t.Among)]
    literals = {
        part.value
        for parts in compared
        if any(isinstance(part, t.Named) and part.fact == fact for part in parts)
        for part in parts
        if isinstance(part, t.Value)
    }
    found: list[Answer] = [None] if fact.nullable else []
    if fact.type == "boolean":
        return [*found, True, False]
    if fact.type == "text":
        return [*found, *sorted(value for value in literals if isinstance(value, str)), "~"]
    step = Decimal(1) if fact.whole else _STEP
    known = {v for v in literals if isinstance(v, Decimal)} | {max(Decimal(0), fact.least)}
    near = {v + d for v in known for d in (0, step)} | {min(known) - step}
    return [*found, *(v for v in sorted(near) if fact.least <= v <= fact.most and (not fact.whole or v == int(v)))]


def verdicts(charter: Charter) -> dict[str, bool]:
    """Return whether a charter keeps each law, found by trying every lead."""
    return {law: keeps(charter) for law, keeps in _LAWS.items()}


def _leads(charter: Charter, stage: str, *parts: Any) -> list[Lead]:
    """Return every lead of a stage that parts of a charter can tell apart: those that say where it goes, if none."""
    found = domains(charter, *(parts or (charter.stages, charter.transitions)), charter.grades)
    leads = (dict(zip(found, values, strict=True)) for values in product(*found.values()))
    return [graded(charter, {**lead, "stage": stage}) for lead in leads]


def graded(charter: Charter, lead: Lead) -> Lead:
    """Return the lead with the grade the charter gives it."""
    grade = next((name for name, rule in charter.grades.items() if holds(rule.when, lead)), None)
    return {**lead, "grade": grade, "segment": None}


def _everyone(charter: Charter, *parts: Any) -> Iterator[Lead]:
    return (lead for stage in charter.stages for lead in _leads(charter, stage, *parts))


def _holding(charter: Charter, lead: Lead) -> list[str]:
    return [name for name in charter.leaving(str(lead["stage"])) if holds(charter.transitions[name].when, lead)]


def _lapsing(charter: Charter, lead: Lead) -> list[str]:
    """Return the clock that may take a lead on, where no transition does."""
    clocks = charter.stages[str(lead["stage"])].clocks
    out = [n for n, c in clocks.items() if c.otherwise.to and not _met(c.must, lead)]
    return [] if _holding(charter, lead) else out[:1]  # of clocks of one span the first one counts


def _met(condition: Condition | None, lead: Lead) -> bool:
    return condition is not None and holds(condition, lead)


def _owners(charter: Charter, lead: Lead) -> list[str]:
    lines = charter.stages[str(lead["stage"])].owner
    named = [line.team for line in lines if _met(line.when, lead)]
    return named if named else [line.team for line in lines if line.when is None]


def _enters(charter: Charter, lead: Lead, stage: str) -> Lead:
    stays = {name: charter.facts[name].on_entry for name in lead if charter.facts[name].of_stay}
    return graded(charter, {**lead, **stays, "stage": stage})


def _ways(charter: Charter, lead: Lead) -> Iterator[str]:
    """Yield where a lead may go next: by the first transition that holds, else by any clock."""
    for name in _holding(charter, lead)[:1]:
        yield charter.transitions[name].to
    for name in _lapsing(charter, lead):
        yield str(charter.stages[str(lead["stage"])].clocks[name].otherwise.to)


def _graph(charter: Charter) -> set[tuple[str, str]]:
    return {(str(lead["stage"]), to) for lead in _everyone(charter) for to in _ways(charter, lead)}


def _closure(starts: set[str], edges: set[tuple[str, str]]) -> set[str]:
    reached = set(starts)
    while more := {to for stage, to in edges if stage in reached} - reached:
        reached |= more
    return reached


def _one_owner(charter: Charter) -> bool:
    return all(len(_owners(charter, lead)) == 1 for lead in _everyone(charter))


def _one_way(charter: Charter) -> bool:
    for lead in _everyone(charter):
        held, stage = _holding(charter, lead), str(lead["stage"])
        first = [name for name in held if not any(charter.goes_first(stage, other, name) for other in held)]
        if len({charter.transitions[name].to for name in first}) > 1:
            return False
    return True


def _reaches_end(charter: Charter) -> bool:
    ends = {stage for stage, rules in charter.stages.items() if rules.end}
    return _closure(ends, {(to, stage) for stage, to in _graph(charter)}) == set(charter.stages)


def _no_dead_rule(charter: Charter) -> bool:
    staged: list[tuple[Condition | None, str | None]]
    staged = [(rule.when, stage) for rule in charter.transitions.values() for stage in rule.from_]
    staged += [(clock.must, stage) for stage, rules in charter.stages.items() for clock in rules.clocks.values()]
    staged += [(line.when, stage) for stage, rules in charter.stages.items() for line in rules.owner]
    whens = [rule.when for rule in charter.audiences.values()]
    whens += [rule.when for rule in charter.suppression.values()]
    whens += [rule.when for rule in charter.grades.values()]
    staged += [(when, None) for when in whens]
    staged += [(each.when, None) for each in (*charter.contribution.pipeline, *charter.contribution.revenue)]
    return all(_alive(charter, *each) for each in staged) and (
        _closure({charter.begin}, _graph(charter)) == set(charter.stages)
    )


def _alive(charter: Charter, when: Condition | None, stage: str | None) -> bool:
    stages = [stage] if stage else charter.stages
    return when is None or any(holds(when, lead) for each in stages for lead in _leads(charter, each, when))


def _no_hidden_rule(charter: Charter) -> bool:
    for stage in charter.stages:
        held = [_holding(charter, lead) for lead in _leads(charter, stage)]
        if {name for names in held for name in names} != {names[0] for names in held if names}:
            return False
    graded = [
        [n for n, rule in charter.grades.items() if holds(rule.when, lead)]
        for lead in _everyone(charter, charter.grades)
    ]
    return {name for names in graded for name in names} == {names[0] for names in graded if names}


def _no_ping_pong(charter: Charter) -> bool:
    for lead in _everyone(charter):
        here = lead
        for _ in charter.stages:
            held = _holding(charter, here)
            if not held:
                break
            here = _enters(charter, here, charter.transitions[held[0]].to)
            if here["stage"] == lead["stage"]:
                return False
    return True


def _waits_end(charter: Charter) -> bool:
    found = domains(charter, charter.stages, charter.transitions)
    latest = {name: values[-1] for name, values in found.items() if charter.facts[name].grows}
    rested = (
        lead for lead in _everyone(charter) if all(lead.get(name) in (None, last) for name, last in latest.items())
    )
    return all(charter.stages[str(lead["stage"])].end or any(_ways(charter, lead)) for lead in rested)


def _inside(charter: Charter, audience: str, lead: Lead) -> bool:
    rules = [rule.when for rule in charter.suppression.values() if audience in rule.from_]
    return holds(charter.audiences[audience].when, lead) and not any(holds(rule, lead) for rule in rules)


def _kept_out(charter: Charter, sides: tuple[str, ...], fact: str, unless: str = "") -> bool:
    # A fact the charter never asks for is any value: the lead that has it is like the one that has not.
    named = [name for name, audience in charter.audiences.items() if audience.side in sides]
    everyone = _everyone(charter, charter.audiences, charter.suppression)
    out = [lead for lead in everyone if lead.get(fact, True) and (not unless or lead.get(unless) is not True)]
    return not any(_inside(charter, name, lead) for name in named for lead in out)


def _hand_offs(charter: Charter) -> bool:
    for lead in _everyone(charter):
        for stage in _ways(charter, lead):
            there = _enters(charter, lead, stage)
            sides = [{charter.teams[t].side for t in _owners(charter, each)} for each in (lead, there)]
            crosses = any(one != other for one in sides[0] for other in sides[1])
            clocks = charter.stages[stage].clocks.values()
            if crosses and all(_met(clock.must, there) for clock in clocks):
                return False
    return True


def _shares(charter: Charter) -> bool:
    wholes = (charter.contribution.pipeline, charter.contribution.revenue)
    return all(
        sum(each.share for each in shares if each.when is None or holds(each.when, lead)) <= 100
        for shares in wholes
        for lead in _everyone(charter, charter.contribution)
    )


_LAWS: dict[str, Callable[[Charter], bool]] = {
    "hand_offs": _hand_offs,
    "no_dead_rule": _no_dead_rule,
    "no_hidden_rule": _no_hidden_rule,
    "no_ping_pong": _no_ping_pong,
    "one_owner": _one_owner,
    "one_way": _one_way,
    "open_opportunity": lambda charter: _kept_out(
        charter, ("marketing",), "open_opportunity", "sales_allows_marketing"
    ),
    "opted_out": lambda charter: _kept_out(charter, ("marketing", "sales"), "opted_out"),
    "reaches_end": _reaches_end,
    "shares": _shares,
    "taken_out": lambda charter: _kept_out(charter, ("marketing",), "taken_out"),
    "waits_end": _waits_end,
}
