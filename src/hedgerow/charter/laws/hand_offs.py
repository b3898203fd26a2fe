"""Hand-offs: a lead that goes to the other side finds a person there, and a clock that runs."""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Edge, Found, Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    stages, teams = prover.charter.stages, prover.charter.teams
    for edge in prover.edges:
        here, there = stages[edge.stage].owner, stages[edge.to].owner
        for n, one in enumerate(here):
            for m, other in enumerate(there):
                if teams[one.team].side != teams[other.team].side:
                    passed = [prover.takes(edge), prover.owns(edge.stage, n), prover.owns(edge.to, m, "entered")]
                    yield from _received(prover, edge, other.team, passed)


def _received(prover: Prover, edge: Edge, team: str, passed: list[z3.BoolRef]) -> Iterator[Broken]:
    side = prover.charter.teams[team].side
    by = f"{'the clock ' if edge.lapse else ''}'{edge.name}'"
    if found := _clockless(prover, edge, passed):
        said = f"is passed to {side} by {by}, and no clock runs for it in '{edge.to}'"
        yield Broken(f"{a_lead(prover, found, edge.stage)} {said}", (edge.name, edge.to), found.lead)
    routes = prover.charter.teams[team].routing.values()
    unrouted = [z3.Not(prover.true(route.when, edge.to, "entered")) for route in routes]
    if routes and (found := prover.find(edge.name, *passed, *unrouted, stage=edge.stage)):
        said = f"is passed to {side} by {by}, and no route of team '{team}' takes it"
        yield Broken(f"{a_lead(prover, found, edge.stage)} {said}", (edge.name, team), found.lead)


def _clockless(prover: Prover, edge: Edge, passed: list[z3.BoolRef]) -> Found | None:
    clocks = prover.charter.stages[edge.to].clocks.values()
    stopped = [z3.BoolVal(False) if c.must is None else prover.true(c.must, edge.to, "entered") for c in clocks]
    return prover.find(edge.name, *passed, *stopped, stage=edge.stage)


LAW = Law(
    says="Every hand-off has an owner and a clock on the other side.",
    question="Is there a lead that is handed over to nobody, or to somebody with all the time in the world?",
    prove=_prove,
)
