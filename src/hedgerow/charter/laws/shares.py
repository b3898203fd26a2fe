"""Shares: what the parties agreed to bring of a lead's pipeline, or revenue, is no more than all of it."""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover
from hedgerow.charter.rules import Share


def _prove(prover: Prover) -> Iterator[Broken]:
    agreed = prover.charter.contribution
    for whole, shares in (("pipeline", agreed.pipeline), ("revenue", agreed.revenue)):
        promised = z3.Sum(
            [z3.If(_holds(prover, each), z3.RealVal(str(each.share)), 0) for each in shares] or [z3.IntVal(0)]
        )
        if found := prover.find(whole, promised > 100):
            meant = [each for each in shares if z3.is_true(found.model.eval(_holds(prover, each), True))]
            total = f"{sum(each.share for each in meant):f}"
            listed = ", ".join(f"{each.party} {each.share}%" for each in meant)
            sentence = f"of the {whole} of {a_lead(prover, found)}, {total}% is promised: {listed}"
            yield Broken(sentence, (whole,), found.lead)


def _holds(prover: Prover, share: Share) -> z3.BoolRef:
    return prover.true(share.when)


LAW = Law(
    says="Agreed shares sum to no more than the whole.",
    question="Is more than all of a lead's pipeline or revenue promised?",
    prove=_prove,
)
