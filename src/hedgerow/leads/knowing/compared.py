"""Compared: which numbers a charter's conditions compare facts with, and which facts they reckon with otherwise."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from hedgerow.charter import Charter, Condition
from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import Fact


def conditions(charter: Charter) -> Iterator[Condition]:
    """Yield every condition that says something of a lead where it stands."""
    rules = (charter.score, charter.grades, charter.segments, charter.transitions, charter.audiences)
    for named in (*rules, charter.suppression):
        yield from (rule.when for rule in named.values())
    for stage in charter.stages.values():
        yield from (line.when for line in stage.owner if line.when)
        yield from (clock.must for clock in stage.clocks.values() if clock.must)


def facts_in(charter: Charter) -> Iterator[Fact]:
    """Yield the facts that conditions ask for, as often as they do."""
    for condition in conditions(charter):
        yield from condition.facts.values()


def compared(charter: Charter, among: Callable[[Fact], bool]) -> tuple[dict[str, set[Decimal]], set[str]]:
    """Return the numbers each fact of `among` is compared with, and those of them that are reckoned with otherwise."""
    numbers: dict[str, set[Decimal]] = {}
    reckoned: set[str] = set()
    for node in (node for condition in conditions(charter) for node in t.walk(condition.tree)):
        if not isinstance(node, t.Compare | t.Same | t.Among | t.Plus | t.Times | t.Coalesce):
            continue
        parts = t.within(node)
        found = [part.fact.name for part in parts if isinstance(part, t.Named) and among(part.fact)]
        stated = {part.value for part in parts if isinstance(part, t.Value) and isinstance(part.value, Decimal)}
        plain = isinstance(node, t.Compare | t.Same | t.Among) and len(found) == 1
        if plain and all(isinstance(part, t.Named | t.Value) for part in parts) and len(stated) == len(parts) - 1:
            numbers.setdefault(found[0], set()).update(stated)
        else:
            reckoned.update(found)
    return numbers, reckoned
