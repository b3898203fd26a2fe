"""Proving: a charter's rules as formulas over all possible leads, and the small lead that shows a fault.

A rule holds where its condition is TRUE. What Z3 can't decide within its allowance is `Undecided`, which refuses.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Literal

import z3

from hedgerow.charter.condition import ALWAYS, Condition, proof
from hedgerow.charter.condition import tree as t
from hedgerow.charter.condition.proof import SCALE, Symbol, Symbols
from hedgerow.charter.facts import Answer, Fact
from hedgerow.charter.rules import MADE, Charter

Moment = Literal["any", "entered"]
ALLOWANCE = 20_000_000
"""Z3's resource units for one question: seconds where a charter takes milliseconds, the same on every machine."""


class Undecided(Exception):
    """Z3 could not decide a question about `rule`."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Found:
    """A lead that meets what was asked for, and the names of the facts that make it so."""

    lead: dict[str, Answer]
    telling: tuple[str, ...]
    model: z3.ModelRef


@dataclass(frozen=True)
class Edge:
    """A way from a stage to another: a transition, or a clock that runs out (`lapse`)."""

    name: str
    stage: str
    to: str
    lapse: bool = False


class Prover:
    """Asks Z3 about one charter."""

    def __init__(self, charter: Charter, allowance: int = ALLOWANCE) -> None:
        self.charter, self._allowance = charter, allowance
        self.free = {name: proof.symbol(fact) for name, fact in charter.facts.items() if name not in MADE}
        self._solver = z3.Solver()
        self._solver.set("rlimit", allowance)
        self._solver.add(*(b for name, found in self.free.items() for b in proof.domain(charter.facts[name], found)))
        self.symbols = cache(self._symbols)
        self._true: dict[tuple[t.Node, str | None, Moment], z3.BoolRef] = {}

    def true(self, condition: Condition | None, stage: str | None = None, moment: Moment = "any") -> z3.BoolRef:
        """Return when a condition (none is always) is true of a lead in a stage, or in any."""
        found = condition or ALWAYS
        key = (found.tree, stage, moment)
        if key not in self._true:
            self._true[key] = proof.truth(found.tree, self.symbols(stage, moment)).true
        return self._true[key]

    def takes(self, edge: Edge, moment: Moment = "any") -> z3.BoolRef:
        """Return when a lead in the edge's stage is taken along it, no transition tried before it holding.

        A clock that has run out counts where its `must` is not true; that time has passed is granted.
        """
        order = self.charter.leaving(edge.stage)
        if edge.lapse:
            earlier, own = order, [self._runs(edge.stage, edge.name, moment)]
            own += [z3.Not(self._runs(edge.stage, each, moment)) for each in self.charter.sooner(edge.stage, edge.name)]
        else:
            earlier = order[: order.index(edge.name)]
            own = [self.true(self.charter.transitions[edge.name].when, edge.stage, moment)]
        when = self.charter.transitions
        return z3.And(*own, *(z3.Not(self.true(when[each].when, edge.stage, moment)) for each in earlier))

    def _runs(self, stage: str, clock: str, moment: Moment) -> z3.BoolRef:
        must = self.charter.stages[stage].clocks[clock].must
        return z3.BoolVal(True) if must is None else z3.Not(self.true(must, stage, moment))

    def owns(self, stage: str, number: int, moment: Moment = "any") -> z3.BoolRef:
        """Return when the line `number` of a stage's owners holds."""
        lines = self.charter.stages[stage].owner
        if lines[number].when is not None:
            return self.true(lines[number].when, stage, moment)
        return z3.And([z3.Not(self.true(each.when, stage, moment)) for each in lines if each.when is not None])

    def inside(self, audience: str) -> z3.BoolRef:
        """Return when a lead is in an audience: who may be, and is not suppressed."""
        rules = [rule.when for rule in self.charter.suppression.values() if audience in rule.from_]
        may = self.true(self.charter.audiences[audience].when)
        return z3.And(may, *(z3.Not(self.true(rule)) for rule in rules))

    def at_rest(self, *claims: z3.BoolRef) -> z3.BoolRef:
        """Return when so much time has passed that more of it changes none of the claims."""
        rests, named = [], _names(claims)
        for fact in (self.charter.facts[name] for name in self.free if name in named):
            found = self.free[fact.name]
            late = max((abs(value) for value in self._literals[fact.name] if isinstance(value, Decimal)), default=0)
            if fact.grows:
                rests.append(z3.Or(found.null, found.value > int(late * SCALE)))
            if fact.fades:
                rests.append(found.value == 0)
        return z3.And(*rests, *claims)

    def possible(self, rule: str, *claims: z3.BoolRef) -> bool:
        """Return whether all claims can be true of some lead; raises `Undecided` with `rule` where Z3 can't say."""
        answer = self._solver.check(*claims)
        if answer == z3.unknown:
            raise Undecided(rule)
        return bool(answer == z3.sat)

    def find(self, rule: str, *claims: z3.BoolRef, stage: str | None = None) -> Found | None:
        """Return a small lead of which all claims are true, None where there can be none.

        Raises `Undecided` with `rule` where Z3 can't say.
        """
        self._solver.push()
        try:
            self._solver.add(*claims)
            if not self.possible(rule):
                return None
            named = _names(claims)
            relevant = [name for name in self.free if name in named]
            for name in relevant:
                self._settle(rule, name)
            self.possible(rule)
            model = self._solver.model()
        finally:
            self._solver.pop()
        lead = {name: self._answer(name, model, name in named) for name in self.free}
        if stage is not None:
            lead["stage"] = stage
        return Found(lead, self._telling(claims, relevant, lead, model), model)

    @cached_property
    def conditions(self) -> list[Condition]:
        """Every condition of the charter."""
        return list(conditions_of(self.charter))

    @cached_property
    def edges(self) -> list[Edge]:
        """Every way from a stage to another that some lead can take."""
        found = [
            Edge(name, stage, self.charter.transitions[name].to)
            for stage in self.charter.stages
            for name in self.charter.leaving(stage)
        ]
        found += [
            Edge(name, stage, clock.otherwise.to, lapse=True)
            for stage, rules in self.charter.stages.items()
            for name, clock in rules.clocks.items()
            if clock.otherwise.to is not None
        ]
        return [edge for edge in found if self.possible(edge.name, self.takes(edge))]

    def _symbols(self, stage: str | None, moment: Moment) -> Symbols:
        found = dict(self.free)
        if stage is not None:
            found["stage"] = proof.constant(stage, self.charter.facts["stage"])
        if moment == "entered":
            stays = [fact for fact in self.charter.facts.values() if fact.of_stay]
            found |= {fact.name: proof.constant(fact.on_entry, fact) for fact in stays}
        for name, rules in (("grade", self.charter.grades), ("segment", self.charter.segments)):
            found[name] = _first(self.charter.facts[name], {each: rule.when for each, rule in rules.items()}, found)
        return found

    def _settle(self, rule: str, name: str) -> None:
        """Give a fact the plainest value that is still possible."""
        for claim in self._plainest(name):
            if self.possible(rule, claim):
                self._solver.add(claim)
                return

    def _plainest(self, name: str) -> Iterator[z3.BoolRef]:
        fact, found = self.charter.facts[name], self.free[name]
        if fact.type == "boolean":
            yield z3.And(z3.Not(found.null), z3.Not(found.value))
            yield z3.Not(found.null)
        elif fact.type == "text":
            yield found.null
            yield from (found.value == proof.text(value) for value in self._beside(fact))
        else:
            known = z3.Not(found.null)
            yield from (z3.And(known, found.value == int(value * SCALE)) for value in self._beside(fact))
            yield z3.And(known, found.value % SCALE == 0)
            yield known

    def _beside(self, fact: Fact) -> list[Any]:
        """Return the literals a fact is compared with, and the numbers next to them, the plainest first."""
        beside = self._literals[fact.name]
        if fact.type == "text":
            return sorted(value for value in beside if isinstance(value, str))
        near = {value + step for value in beside if isinstance(value, Decimal) for step in (0, 1, -1)} | {Decimal(0)}
        return sorted((value for value in near if fact.least <= value <= fact.most), key=lambda v: (abs(v), v))

    @cached_property
    def _literals(self) -> dict[str, set[Answer]]:
        found: dict[str, set[Answer]] = defaultdict(set)
        for node in (node for condition in self.conditions for node in t.walk(condition.tree)):
            if isinstance(node, t.Compare | t.Same | t.Among):
                parts = list(t.walk(node))
                for name in (part.fact.name for part in parts if isinstance(part, t.Named)):
                    found[name] |= {part.value for part in parts if isinstance(part, t.Value)}
        return found

    def _answer(self, name: str, model: z3.ModelRef, asked: bool) -> Answer:
        fact = self.charter.facts[name]
        if asked:
            return proof.answer(fact, self.free[name], model)
        if fact.nullable:
            return None
        if fact.values is not None:
            return fact.values[0]
        return fact.on_entry

    def _telling(
        self, claims: Iterable[z3.BoolRef], relevant: list[str], lead: dict[str, Answer], model: z3.ModelRef
    ) -> tuple[str, ...]:
        """Return the facts that alone make the claims true, whatever the others are."""
        claimed, solver = z3.And(*claims, z3.BoolVal(True)), z3.Solver()
        solver.set("rlimit", self._allowance)
        solver.set("core.minimize", True)
        solver.add(z3.Not(claimed))
        # Symbols that are no facts, a law's own, are as in the model: only facts can tell.
        solver.add(*(v == model.eval(v, True) for v in _variables(claims) if not _names([v]) & set(relevant)))
        for name in relevant:
            solver.assert_and_track(self._is(name, lead[name]), f"tells {name}")
        if solver.check() != z3.unsat:
            return tuple(relevant)
        core = {str(each) for each in solver.unsat_core()}
        return tuple(name for name in relevant if f"tells {name}" in core)

    def _is(self, name: str, value: Answer) -> z3.BoolRef:
        found = self.free[name]
        if value is None:
            return found.null
        return z3.And(z3.Not(found.null), found.value == proof.constant(value, self.charter.facts[name]).value)


def _first(fact: Fact, rules: dict[str, Condition], symbols: Symbols) -> Symbol:
    """Return the name of the first rule that holds, NULL where none does."""
    made = Symbol(z3.BoolVal(True), proof.text(""))
    for name, condition in reversed(rules.items()):
        holds = proof.truth(condition.tree, symbols).true
        made = Symbol(z3.And(z3.Not(holds), made.null), z3.If(holds, proof.text(name), made.value))
    return made


def _variables(claims: Iterable[z3.ExprRef]) -> list[z3.ExprRef]:
    """Return the free symbols of claims, each part looked at once."""
    found, seen, left = list[z3.ExprRef](), set[int](), list(claims)
    while left:
        part = left.pop()
        if part.get_id() in seen:
            continue
        seen.add(part.get_id())
        left += part.children()
        if z3.is_const(part) and part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.append(part)
    return found


def _names(claims: Iterable[z3.ExprRef]) -> set[str]:
    """Return the facts that claims speak of, among the names of other symbols."""
    return {each.decl().name().removesuffix(" is null") for each in _variables(claims)}


def conditions_of(part: Any) -> Iterator[Condition]:
    """Yield every condition of a charter, or of a part of one."""
    if isinstance(part, Condition):
        yield part
    elif isinstance(part, dict):
        for each in part.values():
            yield from conditions_of(each)
    elif isinstance(part, tuple):
        for each in part:
            yield from conditions_of(each)
    elif hasattr(part, "__struct_fields__"):
        for name in part.__struct_fields__:
            yield from conditions_of(getattr(part, name))
