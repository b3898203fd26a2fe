"""Proof: a condition for Z3, where each truth is a pair, "is true" and "is false", and NULL is neither.

Numbers are whole ten-thousandths (hundred-millionths below a product), so all arithmetic is linear over integers,
which Z3 decides. Texts are Z3 strings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import z3

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import PLACES, Answer, Fact

SCALE = 10**PLACES


@dataclass(frozen=True)
class Symbol:
    """A value Z3 reasons over: whether it is NULL, and what it is if not (a number in ten-thousandths)."""

    null: z3.BoolRef
    value: Any


@dataclass(frozen=True)
class Truth:
    """SQL's three truths as two: neither is NULL, both never happens."""

    true: z3.BoolRef
    false: z3.BoolRef


Symbols = Mapping[str, Symbol]
_SORTS = {"number": z3.Int, "text": z3.String, "boolean": z3.Bool}


def symbol(fact: Fact) -> Symbol:
    """Return a free symbol for a fact; with `domain` it is every value the fact can have."""
    null = z3.Bool(f"{fact.name} is null") if fact.nullable else z3.BoolVal(False)
    return Symbol(null, _SORTS[fact.type](fact.name))


def domain(fact: Fact, found: Symbol) -> list[z3.BoolRef]:
    """Return what bounds a fact's symbol, NULL or not."""
    if fact.type == "number":
        bounds = [found.value >= int(fact.least * SCALE), found.value <= int(fact.most * SCALE)]
        return [*bounds, found.value % SCALE == 0] if fact.whole else bounds
    if fact.values is not None:
        listed = [found.value == text(value) for value in fact.values]
        return [z3.Or(found.null, *listed)]
    return []


def constant(value: Answer, fact: Fact) -> Symbol:
    """Return the symbol of one value."""
    if value is None:
        return Symbol(z3.BoolVal(True), symbol(fact).value)
    return Symbol(z3.BoolVal(False), _constant(value, PLACES))


def truth(node: t.Node, symbols: Symbols) -> Truth:
    """Return when a condition's node is TRUE and when FALSE."""
    match node:
        case t.Named(fact):
            found = symbols[fact.name]
            return Truth(z3.And(z3.Not(found.null), found.value), z3.And(z3.Not(found.null), z3.Not(found.value)))
        case t.Value(value):
            return Truth(z3.BoolVal(value is True), z3.BoolVal(value is False))
        case t.Among():
            return truth(node.spelled, symbols)
        case t.All(parts) | t.Any(parts):
            pairs = [truth(part, symbols) for part in parts]
            both, one = (z3.And, z3.Or) if isinstance(node, t.All) else (z3.Or, z3.And)
            return Truth(both([pair.true for pair in pairs]), one([pair.false for pair in pairs]))
        case t.Not(part):
            inner = truth(part, symbols)
            return Truth(inner.false, inner.true)
        case t.Is(part, wanted):
            inner = truth(part, symbols)
            return _certain(inner.true if wanted else inner.false)
        case t.IsNull(part):
            return _certain(_value(part, symbols, PLACES).null)
        case _:
            return _compared(node, symbols)


def _compared(node: t.Node, symbols: Symbols) -> Truth:
    places = 2 * PLACES if any(isinstance(part, t.Times) for part in t.walk(node)) else PLACES
    parts = [_value(part, symbols, places) for part in t.within(node)]
    known = z3.Not(z3.Or([part.null for part in parts]))
    match node:
        case t.Compare(sign, _, _):
            met = _met(sign, parts[0].value, parts[1].value)
        case t.Like(_, pattern):
            met = z3.InRe(parts[0].value, _expression(pattern))
        case t.Same():
            unknown = z3.And([part.null for part in parts])
            return _certain(z3.Or(unknown, z3.And(known, parts[0].value == parts[1].value)))
        case _:
            raise AssertionError(f"{node} is no comparison")
    return Truth(z3.And(known, met), z3.And(known, z3.Not(met)))


def _value(node: t.Node, symbols: Symbols, places: int) -> Symbol:
    """Return a node's symbol, its number counted with so many decimals."""
    match node:
        case t.Named(fact):
            found = symbols[fact.name]
            return found if fact.type != "number" else Symbol(found.null, found.value * 10 ** (places - PLACES))
        case t.Value(value):
            return Symbol(z3.BoolVal(value is None), _constant(value, places))
        case t.Plus(left, right):
            one, other = _value(left, symbols, places), _value(right, symbols, places)
            return Symbol(z3.Or(one.null, other.null), one.value + other.value)
        case t.Times(factor, part):
            inner = _value(part, symbols, PLACES)
            return Symbol(inner.null, inner.value * int(factor * 10 ** (places - PLACES)))
        case t.Coalesce(parts):
            first, *others = (_value(part, symbols, places) for part in parts)
            for other in others:
                first = Symbol(z3.And(first.null, other.null), z3.If(first.null, other.value, first.value))
            return first
        case _:
            pair = truth(node, symbols)
            return Symbol(z3.Not(z3.Or(pair.true, pair.false)), pair.true)


def _met(sign: t.Sign, left: Any, right: Any) -> z3.BoolRef:
    compared: dict[t.Sign, Any] = {"=": left == right, "<>": left != right}
    if sign not in compared:
        compared |= {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    met: z3.BoolRef = compared[sign]
    return met


def _certain(met: z3.BoolRef) -> Truth:
    return Truth(met, z3.Not(met))


def _constant(value: Answer, places: int) -> Any:
    if isinstance(value, Decimal):
        return z3.IntVal(int(value * 10**places))
    if isinstance(value, str):
        return text(value)
    return z3.BoolVal(bool(value))


def text(value: str) -> Any:
    """Return a text for Z3, which reads a backslash as the start of an escape."""
    return z3.StringVal("".join(f"\\u{{{ord(c):x}}}" if c == "\\" or not 32 <= ord(c) < 127 else c for c in value))


def answer(fact: Fact, found: Symbol, model: z3.ModelRef) -> Answer:
    """Return what a fact is in a model."""
    if z3.is_true(model.eval(found.null, model_completion=True)):
        return None
    value = model.eval(found.value, model_completion=True)
    if fact.type == "boolean":
        return bool(z3.is_true(value))
    if fact.type == "number":
        return Decimal(int(value.as_long())) / Decimal(SCALE)
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda escape: chr(int(escape[1], 16)), str(value.as_string()))


def _expression(pattern: str) -> Any:
    any_one = z3.AllChar(z3.ReSort(z3.StringSort()))
    parts = [z3.Re(text(""))]
    for letter in pattern:
        parts.append(z3.Star(any_one) if letter == "%" else any_one if letter == "_" else z3.Re(text(letter)))
    return z3.Concat(parts) if len(parts) > 1 else parts[0]
