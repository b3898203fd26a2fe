"""No hidden rule: where the first rule that holds counts, each is the first for some lead."""

from collections.abc import Iterator, Mapping

import z3

from hedgerow.charter.condition import Condition
from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Found, Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    for stage, rules in _lists(prover):
        holding = {name: prover.true(condition, stage) for name, condition in rules.items()}
        for number, (name, holds) in enumerate(holding.items()):
            earlier = dict(list(holding.items())[:number])
            if prover.possible(name, holds, *(z3.Not(each) for each in earlier.values())):
                continue
            found = prover.find(name, holds, z3.Or(list(earlier.values())), stage=stage)
            if found:  # where nothing meets it at all, it is dead
                first = _first(found, earlier)
                said = f"meets '{name}' and is taken by '{first}' before it, as is every other"
                yield Broken(f"{a_lead(prover, found, stage)} {said}", (name, first), found.lead)


def _lists(prover: Prover) -> Iterator[tuple[str | None, Mapping[str, Condition | None]]]:
    """Yield each list of rules that is tried in order, with its stage where it has one."""
    charter = prover.charter
    for stage in charter.stages:
        yield stage, {name: charter.transitions[name].when for name in charter.leaving(stage)}
    for team in charter.teams.values():
        yield None, {name: route.when for name, route in team.routing.items()}
    yield None, {name: rule.when for name, rule in charter.grades.items()}
    yield None, {name: rule.when for name, rule in charter.segments.items()}


def _first(found: Found, earlier: Mapping[str, z3.BoolRef]) -> str:
    return next(name for name, holds in earlier.items() if z3.is_true(found.model.eval(holds, True)))


LAW = Law(
    says="No rule is hidden by an earlier one.",
    question="Is there a rule that never counts, because others always come first?",
    prove=_prove,
)
