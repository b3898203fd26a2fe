"""Waits end: a lead to which nothing more happens leaves its stage all the same, unless the stage is an end.

Once so much time has passed that more of it changes nothing, a transition must hold, or a clock must have run out
and take the lead to another stage.
"""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Edge, Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    for stage, rules in prover.charter.stages.items():
        if rules.end:
            continue
        stays = [z3.Not(prover.true(prover.charter.transitions[t].when, stage)) for t in prover.charter.leaving(stage)]
        clocks = [name for name, clock in rules.clocks.items() if clock.otherwise.to is not None]
        stays += [z3.Not(prover.takes(Edge(name, stage, "", lapse=True))) for name in clocks]
        if found := prover.find(stage, prover.at_rest(*stays), stage=stage):
            said = "waits for ever: no transition holds and no clock takes it on"
            yield Broken(f"{a_lead(prover, found, stage)} {said}", (stage, *clocks), found.lead)


LAW = Law(
    says="Every wait has an end.",
    question="Is there a lead that nothing ever moves on, however much time passes?",
    prove=_prove,
)
