"""No dead rule: every condition can hold for some lead, and every stage can be come to."""

from collections.abc import Iterator

from hedgerow.charter.condition import Condition, sentence
from hedgerow.charter.condition import tree as t
from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover

_Ruled = tuple[str, Condition | None, str | None]


def _prove(prover: Prover) -> Iterator[Broken]:
    for rule, condition, stage in _rules(prover):
        if condition is None or prover.possible(rule, prover.true(condition, stage)):
            continue
        missed, met = _nearest(prover, rule, condition, stage)
        found = prover.find(rule, *(prover.true(part, stage) for part in met), stage=stage)
        if found:
            comes_near = (
                f"{a_lead(prover, found, stage)} comes nearest" if met else f"{a_lead(prover, found, stage)} no"
            )
            more = "" if met else " more than any other"
            yield Broken(f"no lead can meet {rule}, where {sentence(missed)}: {comes_near}{more}", (rule,), found.lead)
    yield from _unreachable(prover)


def _nearest(prover: Prover, rule: str, condition: Condition, stage: str | None) -> tuple[Condition, list[Condition]]:
    """Return the part of a condition that can't be met, and the other parts, if they can be met together."""
    tree = condition.tree
    parts = [Condition(condition.text, part) for part in (tree.parts if isinstance(tree, t.All) else ())]
    for part in reversed(parts):
        others = [other for other in parts if other is not part]
        if prover.possible(rule, *(prover.true(other, stage) for other in others)):
            return part, others
    return condition, []


def _rules(prover: Prover) -> Iterator[_Ruled]:
    """Yield every rule with its condition, and its stage where it has one."""
    charter = prover.charter
    for name, transition in charter.transitions.items():
        yield from ((f"'{name}'", transition.when, stage) for stage in transition.from_)
    for stage, rules in charter.stages.items():
        yield from ((f"the owner '{each.team}' of '{stage}'", each.when, stage) for each in rules.owner)
        yield from ((f"the clock '{name}' of '{stage}'", clock.must, stage) for name, clock in rules.clocks.items())
    for team, member in charter.teams.items():
        yield from ((f"the route '{name}' of '{team}'", route.when, None) for name, route in member.routing.items())
    yield from ((f"the points '{name}'", rule.when, None) for name, rule in charter.score.items())
    yield from ((f"the grade '{name}'", rule.when, None) for name, rule in charter.grades.items())
    yield from ((f"the segment '{name}'", rule.when, None) for name, rule in charter.segments.items())
    yield from ((f"the audience '{name}'", rule.when, None) for name, rule in charter.audiences.items())
    yield from ((f"the suppression '{name}'", rule.when, None) for name, rule in charter.suppression.items())
    for whole, shares in (("pipeline", charter.contribution.pipeline), ("revenue", charter.contribution.revenue)):
        yield from ((f"the share of '{share.party}' in {whole}", share.when, None) for share in shares)


def _unreachable(prover: Prover) -> Iterator[Broken]:
    reached = {prover.charter.begin}
    while more := {edge.to for edge in prover.edges if edge.stage in reached} - reached:
        reached |= more
    for stage in prover.charter.stages:
        found = prover.find(stage, stage=prover.charter.begin)
        if stage not in reached and found:
            begins = a_lead(prover, found, prover.charter.begin)
            yield Broken(f"no lead can come to '{stage}': {begins} never does", (stage,), found.lead)


LAW = Law(
    says="No rule is dead: every condition can hold, and every stage can be come to.",
    question="Is there a rule that no lead can ever meet?",
    prove=_prove,
)
