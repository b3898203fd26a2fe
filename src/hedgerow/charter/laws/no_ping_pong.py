"""No ping-pong: no lead goes round in a circle at one instant, without new facts or time.

On entering a stage the facts of the stay start again; all others stay. So a circle is a set of edges that hold for
one lead, the first with any stay, the rest as on entry, where every stage that is entered is left again.
"""

from collections.abc import Iterator

import z3

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Edge, Found, Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    edges = [edge for edge in prover.edges if not edge.lapse and _returns(prover, edge)]
    entered = {edge: z3.Bool(f"then {edge.stage} {edge.name}") for edge in edges}
    then = [z3.Implies(taken, prover.takes(edge, "entered")) for edge, taken in entered.items()]
    seen = set[frozenset[str]]()
    for first in edges:
        claims = [*then, *_chained(prover, first, entered), prover.takes(first)]
        found = prover.find(first.name, *claims, stage=first.stage)
        if found:
            circle = _circle(first, entered, found)
            names = tuple(edge.name for edge in circle)
            if frozenset(names) not in seen:
                seen.add(frozenset(names))
                yield Broken(f"{a_lead(prover, found, first.stage)} {_said(prover, circle)}", names, found.lead)


def _returns(prover: Prover, edge: Edge) -> bool:
    reached = {edge.to}
    while more := {each.to for each in prover.edges if not each.lapse and each.stage in reached} - reached:
        reached |= more
    return edge.stage in reached


def _chained(prover: Prover, first: Edge, entered: dict[Edge, z3.BoolRef]) -> Iterator[z3.BoolRef]:
    """Yield that every stage entered, by the first edge or another, is left once, but for where it all began."""
    for stage in prover.charter.stages:
        into = [taken for edge, taken in entered.items() if edge.to == stage]
        out = [taken for edge, taken in entered.items() if edge.stage == stage]
        if stage == first.stage:
            yield z3.Not(z3.Or(out))
        elif stage == first.to:
            yield z3.Or(out)
        else:
            yield z3.Implies(z3.Or(into), z3.Or(out))
    # Ranks that rise along the way keep it from turning in some other circle, which has a first edge of its own.
    rank = {stage: z3.Int(f"rank of {stage}") for stage in prover.charter.stages}
    for edge, taken in entered.items():
        if edge.to != first.stage:
            yield z3.Implies(taken, rank[edge.stage] < rank[edge.to])


def _circle(first: Edge, entered: dict[Edge, z3.BoolRef], found: Found) -> list[Edge]:
    """Return the edges of the circle in order, from the first back to its stage."""
    taken = {edge.stage: edge for edge, chosen in entered.items() if z3.is_true(found.model.eval(chosen))}
    circle = [first]
    while circle[-1].to != first.stage:
        circle.append(taken[circle[-1].to])
    return circle


def _said(prover: Prover, circle: list[Edge]) -> str:
    stage, to = circle[0].stage, circle[0].to
    by = " and ".join(f"'{edge.name}'" for edge in circle)
    if len(circle) == 1:
        return f"is taken from '{stage}' to '{stage}' for ever by {by}"
    sides = prover.charter.sides(to) - prover.charter.sides(stage)
    if len(circle) == 2:
        return f"is passed to {sides.pop() if sides else repr(to)} and back at once by {by}"
    onward = " to ".join(f"'{edge.to}'" for edge in circle[:-1])
    return f"goes from '{stage}' to {onward} and back to '{stage}' at once by {by}"


LAW = Law(
    says="No circle of transitions can turn without new facts or time.",
    question="Is there a lead that goes there and back at once?",
    prove=_prove,
)
