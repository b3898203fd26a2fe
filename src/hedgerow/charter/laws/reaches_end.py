"""Reaches the end: from every stage some way leads to an end."""

from collections.abc import Iterator

from hedgerow.charter.law import Broken, Law, a_lead
from hedgerow.charter.proving import Prover


def _prove(prover: Prover) -> Iterator[Broken]:
    stages = prover.charter.stages
    ending = {stage for stage, rules in stages.items() if rules.end}
    while more := {edge.stage for edge in prover.edges if edge.to in ending} - ending:
        ending |= more
    for stage in stages:
        if stage in ending:
            continue
        onward = _onward(prover, stage)
        where = f"only ever goes on to {', '.join(repr(each) for each in onward)}" if onward else "never leaves it"
        found = prover.find(stage, stage=stage)
        if found:
            sentence = f"{a_lead(prover, found, stage)} {where}, and comes to no end"
            yield Broken(sentence, (stage, *(e.name for e in prover.edges if e.stage == stage)), found.lead)


def _onward(prover: Prover, stage: str) -> list[str]:
    reached, left = list[str](), [stage]
    while left:
        here = left.pop()
        beyond = [edge.to for edge in prover.edges if edge.stage == here and edge.to not in reached]
        reached += list(dict.fromkeys(beyond))
        left += beyond
    return [each for each in reached if each != stage]


LAW = Law(
    says="From every stage the end is reachable.",
    question="Is there a stage from which no way leads to an end?",
    prove=_prove,
)
