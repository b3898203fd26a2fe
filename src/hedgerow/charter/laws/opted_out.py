"""Opted out: who opted out is in no audience, whichever side's."""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    out = prover.free["opted_out"]
    for name in prover.charter.audiences:
        if found := prover.find(name, prover.inside(name), z3.Not(out.null), out.value):
            yield Broken(f"{a_lead(prover, found)} is in the audience '{name}'", (name,), found.lead)


LAW = Law(
    says="Nobody who opted out is in any audience.",
    question="Can anybody write to somebody who opted out?",
    prove=_prove,
)
