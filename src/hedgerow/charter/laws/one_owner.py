"""One owner: every lead of every stage has one owning team, and no second."""

from collections.abc import Iterator
from itertools import combinations

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    for stage, rules in prover.charter.stages.items():
        lines = range(len(rules.owner))
        found = prover.find(stage, *(z3.Not(prover.owns(stage, n)) for n in lines), stage=stage)
        if found:
            yield Broken(f"{a_lead(prover, found, stage)} has no owner", (stage,), found.lead)
        for one, other in combinations(lines, 2):
            found = prover.find(stage, prover.owns(stage, one), prover.owns(stage, other), stage=stage)
            if found:
                teams = f"'{rules.owner[one].team}' and '{rules.owner[other].team}'"
                yield Broken(f"{a_lead(prover, found, stage)} has two owners, {teams}", (stage,), found.lead)


LAW = Law(
    says="Every stage has one owner for each of its leads.",
    question="Is there a lead that nobody owns, or two teams do?",
    prove=_prove,
)
