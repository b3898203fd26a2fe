"""Taken out: a lead that sales took out of audiences is in none of marketing's."""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    out = prover.free["taken_out"]
    for name, audience in prover.charter.audiences.items():
        if audience.side != "marketing":
            continue
        if found := prover.find(name, prover.inside(name), z3.Not(out.null), out.value):
            yield Broken(f"{a_lead(prover, found)} is in marketing's audience '{name}'", (name,), found.lead)


LAW = Law(
    says="A lead that sales took out of audiences is in none of marketing's.",
    question="Is there an audience that sales can't take a lead out of?",
    prove=_prove,
)
