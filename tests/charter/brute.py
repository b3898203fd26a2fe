"""Brute force: every lead over the few values that conditions can tell apart, or a sample of them."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random

from tests.charter.cases import default

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import Answer, Fact, Lead
from hedgerow.charter.proving import conditions_of
from hedgerow.charter.rules import MADE, Charter

_STEP = Decimal("0.0001")


def domains(charter: Charter) -> dict[str, list[Answer]]:
    """Return the values of every fact the charter asks for, such that conditions tell no others apart.

    That holds where numbers and texts are compared with literals only.
    """
    asked = {node.fact.name: node.fact for c in conditions_of(charter) for node in t.walk(c.tree) if isinstance(node, t.Named)}
    return {name: _values(charter, fact) for name, fact in asked.items() if name not in (*MADE, "stage")}


def grid(charter: Charter) -> Iterator[Lead]:
    """Yield every lead there is to tell apart, but for its stage."""
    found = domains(charter)
    for values in product(*found.values()):
        yield dict(zip(found, values, strict=True))


def samples(charter: Charter, size: int = 400) -> list[Lead]:
    """Return leads over all stages, the same ones for the same charter."""
    draw, found = Random(7), domains(charter)
    leads = [{name: draw.choice(values) for name, values in found.items()} for _ in range(size)]
    return [{**lead, "stage": draw.choice(list(charter.stages))} for lead in leads]


def _values(charter: Charter, fact: Fact) -> list[Answer]:
    literals = {
        value.value
        for condition in conditions_of(charter)
        for node in t.walk(condition.tree)
        if any(isinstance(part, t.Named) and part.fact == fact for part in t.within(node))
        for value in t.within(node)
        if isinstance(value, t.Value)
    }
    found: list[Answer] = [None] if fact.nullable else []
    if fact.type == "boolean":
        return [*found, True, False]
    if fact.type == "text":
        return [*found, *(str(value) for value in sorted(map(str, literals))), "~"]
    step = Decimal(1) if fact.whole else _STEP
    near = {Decimal(str(v)) + d for v in literals for d in (-step, 0, step)} | {Decimal(str(default(fact) or 0))}
    return [*found, *(v for v in sorted(near) if fact.least <= v <= fact.most and (not fact.whole or v == int(v)))]
