"""Open opportunity: marketing leaves a lead alone that sales is closing, unless sales says otherwise."""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    opened, allowed = prover.free["open_opportunity"], prover.free["sales_allows_marketing"]
    unless = z3.Not(z3.And(z3.Not(allowed.null), allowed.value))
    for name, audience in prover.charter.audiences.items():
        if audience.side != "marketing":
            continue
        if found := prover.find(name, prover.inside(name), z3.Not(opened.null), opened.value, unless):
            said = f"is in marketing's audience '{name}', and sales did not say so"
            yield Broken(f"{a_lead(prover, found)} {said}", (name,), found.lead)


LAW = Law(
    says="Nobody with an open opportunity is in a marketing audience, unless sales said so.",
    question="Can marketing write to somebody whom sales is closing?",
    prove=_prove,
)
