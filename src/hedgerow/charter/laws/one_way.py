"""One way: two transitions to different stages can't both take a lead, unless their order is stated."""

from collections.abc import Iterator
from itertools import combinations

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    charter = prover.charter
    for stage in charter.stages:
        leaving = charter.leaving(stage)
        for one, other in combinations(leaving, 2):
            targets = [charter.transitions[name].to for name in (one, other)]
            if targets[0] == targets[1] or charter.goes_first(stage, one, other):
                continue
            before = [c for c in leaving if charter.goes_first(stage, c, one) or charter.goes_first(stage, c, other)]
            holding = {name: prover.true(charter.transitions[name].when, stage) for name in leaving}
            claims = [holding[one], holding[other], *(z3.Not(holding[name]) for name in before)]
            if found := prover.find(f"{one} and {other}", *claims, stage=stage):
                said = f"is taken to '{targets[0]}' by '{one}' and to '{targets[1]}' by '{other}'"
                yield Broken(f"{a_lead(prover, found, stage)} {said}", (one, other), found.lead)


LAW = Law(
    says="Two transitions from a stage to different targets can't both hold, or their order is stated.",
    question="Is there a lead that two transitions take to two stages?",
    prove=_prove,
)
