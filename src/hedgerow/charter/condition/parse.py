"""Parsing: a SQL boolean expression, read by sqlglot, checked against an allow-list, typed, and made a tree.

What was typed never reaches a database: the statement that decides is written anew from the tree.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import PLACES, Fact
from hedgerow.kit import nearest

_LONGEST = 2_000
_DEEPEST = 60
_LARGEST = Decimal(10**9)
_SIGNS: dict[type[exp.Expr], t.Sign] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARGUMENTS = {"this", "expression", "expressions", "low", "high", "negate", "quoted", "is_string", "table"}
_EXPECTED = "facts, numbers, texts, AND, OR, NOT, comparisons, IN, BETWEEN, LIKE, IS NULL, coalesce(), + and - and *"


class Misread(Exception):
    """A condition that can't be read: where in its text (characters from its start), and why, in a sentence."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset, self.sentence = offset, sentence


def parse(text: str, facts: Mapping[str, Fact]) -> t.Condition:
    """Return `text` as a condition over `facts`; raises `Misread` with the place and what was expected."""
    if len(text) > _LONGEST:
        raise Misread(_LONGEST, f"a condition of more than {_LONGEST:,} characters: divide it among several rules")
    try:
        root = sqlglot.parse_one(text, read="duckdb", into=exp.Condition)
        tree = _Reader(text, facts).condition(root)
    except SqlglotError as error:
        raise _syntax(text, error) from None
    except RecursionError:
        raise Misread(0, "a condition with too many brackets in brackets: write it flatter") from None
    return t.Condition(text.strip(), tree)


class _Reader:
    def __init__(self, text: str, facts: Mapping[str, Fact]) -> None:
        self.text, self.facts, self.depth = text, facts, 0

    def condition(self, node: exp.Expr) -> t.Node:
        """Return a node that is TRUE, FALSE or NULL."""
        found = self.node(node)
        if t.kind(found) != "boolean":
            raise self.refused(node, f"{_shown(node)} is no condition: compare it with something")
        return found

    def node(self, node: exp.Expr) -> t.Node:
        """Return any node that is allowed."""
        reader = _READERS.get(type(node))
        # An argument nobody reads here would change what the node means: SYMMETRIC, ESCAPE, UNNEST.
        if reader is None or {name for name, value in node.args.items() if value} - _ARGUMENTS:
            raise self.refused(node, f"{_shown(node)} may not be used in a condition: use {_EXPECTED}")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.refused(node, "a condition with too many parts in parts: write it flatter")
        found = reader(self, node)
        self.depth -= 1
        return found

    def number(self, node: exp.Expr) -> t.Node:
        """Return a node that is a number to reckon with."""
        found = self.node(node)
        if t.kind(found) != "number":
            raise self.refused(
                node, f"a number was expected, and {_shown(node)} is none: use a number or a fact of one"
            )
        if _growing(found):
            raise self.refused(node, f"{_shown(node)} grows by itself: compare it with a number, without reckoning")
        return found

    def refused(self, node: exp.Expr, sentence: str) -> Misread:
        """Return the refusal of a node, at its place."""
        places = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        return Misread(min(places, default=0), sentence)


def _column(reader: _Reader, node: exp.Expr) -> t.Node:
    if not isinstance(node, exp.Column) or node.table or not isinstance(node.this, exp.Identifier):
        raise reader.refused(
            node, f"{_shown(node)} was found where the name of a fact was expected: use its name alone"
        )
    fact = reader.facts.get(node.name if node.this.quoted else node.name.lower())
    if fact is None:
        raise reader.refused(node, f"No fact called '{node.name}'.{nearest(node.name, reader.facts)}")
    return t.Named(fact)


def _literal(reader: _Reader, node: exp.Expr) -> t.Node:
    if node.is_string:
        return t.Value(str(node.this))
    written = str(node.this)
    if not re.fullmatch(rf"\d*\.?\d{{0,{PLACES}}}", written) or Decimal(written) > _LARGEST:
        raise reader.refused(node, f"{written} is no number of at most {PLACES} decimals up to a billion: write it so")
    return t.Value(Decimal(written))


def _negative(reader: _Reader, node: exp.Expr) -> t.Node:
    match reader.number(node.this):
        case t.Value(Decimal() as value):
            return t.Value(-value)
        case found:
            return _multiplied(reader, node, Decimal(-1), found)


def _multiplied(reader: _Reader, node: exp.Expr, factor: Decimal, part: t.Node) -> t.Node:
    match part:
        case t.Plus(left, right):
            return t.Plus(_multiplied(reader, node, factor, left), _multiplied(reader, node, factor, right))
        case t.Times(other, inner) if (
            round(factor * other, PLACES) == factor * other and abs(factor * other) < _LARGEST
        ):
            return t.Times(factor * other, inner)
    if any(isinstance(each, t.Times) for each in t.walk(part)):
        raise reader.refused(node, f"{_shown(node)} multiplies twice: multiply a fact once, by one number")
    return t.Times(factor, part)


def _product(reader: _Reader, node: exp.Expr) -> t.Node:
    left, right = reader.number(node.this), reader.number(node.expression)
    for factor, part in ((left, right), (right, left)):
        if isinstance(factor, t.Value) and isinstance(factor.value, Decimal):
            return _multiplied(reader, node, factor.value, part)
    raise reader.refused(node, f"{_shown(node)} multiplies two facts: multiply a fact by a number")


def _sum(reader: _Reader, node: exp.Expr) -> t.Node:
    left, right = reader.number(node.this), reader.number(node.expression)
    if isinstance(node, exp.Add):
        return t.Plus(left, right)
    if isinstance(right, t.Value) and isinstance(right.value, Decimal):
        return t.Plus(left, t.Value(-right.value))
    return t.Plus(left, _multiplied(reader, node, Decimal(-1), right))


def _compared(reader: _Reader, node: exp.Expr) -> t.Node:
    left, right = _pair(reader, node, node.this, node.expression)
    sign = _SIGNS[type(node)]
    if t.kind(left) != "number" and sign not in ("=", "<>"):
        raise reader.refused(node, f"'{sign}' orders numbers, and {_shown(node.this)} is none: use = or <> or IN")
    return t.Compare(sign, left, right)


def _same(reader: _Reader, node: exp.Expr) -> t.Node:
    same = t.Same(*_pair(reader, node, node.this, node.expression))
    return same if isinstance(node, exp.NullSafeEQ) else t.Not(same)


def _pair(reader: _Reader, node: exp.Expr, one: exp.Expr, other: exp.Expr) -> tuple[t.Node, t.Node]:
    left, right = reader.node(one), reader.node(other)
    if t.kind(left) != t.kind(right):
        raise reader.refused(
            node, f"{_shown(one)} is a {t.kind(left)} and {_shown(other)} a {t.kind(right)}: compare like with like"
        )
    for growing, literal, shown in ((left, right, one), (right, left, other)):
        if _growing(growing) and not isinstance(literal, t.Value):
            raise reader.refused(node, f"{_shown(shown)} grows by itself: compare it with a number")
        _known_value(reader, other if shown is one else one, growing, literal)
    return left, right


def _known_value(reader: _Reader, node: exp.Expr, named: t.Node, literal: t.Node) -> None:
    match named, literal:
        case t.Named(fact), t.Value(str() as value) if fact.values is not None and value not in fact.values:
            raise reader.refused(node, f"{fact.name} is never '{value}'.{nearest(value, fact.values)}")


def _among(reader: _Reader, node: exp.Expr) -> t.Node:
    if not node.expressions:
        raise reader.refused(node, f"{_shown(node)} was found where a list was expected: list the values after IN")
    values = []
    for each in node.expressions:
        left, value = _pair(reader, each, node.this, each)
        if not isinstance(value, t.Value):
            raise reader.refused(each, f"{_shown(each)} is no plain value: list numbers or texts after IN")
        values.append(value)
    return t.Among(left, tuple(values))


def _between(reader: _Reader, node: exp.Expr) -> t.Node:
    low = _compared(reader, exp.GTE(this=node.this, expression=node.args["low"]))
    return t.All((low, _compared(reader, exp.LTE(this=node.this, expression=node.args["high"]))))


def _like(reader: _Reader, node: exp.Expr) -> t.Node:
    left, right = reader.node(node.this), reader.node(node.expression)
    if t.kind(left) != "text" or not isinstance(right, t.Value) or not isinstance(right.value, str):
        raise reader.refused(node, f"{_shown(node)} is not text LIKE a pattern: write it as in role LIKE '%engineer%'")
    like = t.Like(left, right.value)
    return t.Not(like) if node.args.get("negate") else like


def _is(reader: _Reader, node: exp.Expr) -> t.Node:
    if isinstance(node.expression, exp.Null):
        return t.IsNull(reader.node(node.this))
    if isinstance(node.expression, exp.Boolean):
        return t.Is(reader.condition(node.this), bool(node.expression.this))
    raise reader.refused(node, f"{_shown(node)} can't be asked: IS takes NULL, TRUE or FALSE")


def _null(reader: _Reader, node: exp.Expr) -> t.Node:
    raise reader.refused(node, "nothing equals NULL, not even NULL: ask with IS NULL or IS NOT NULL")


def _coalesce(reader: _Reader, node: exp.Expr) -> t.Node:
    parts = tuple(reader.node(each) for each in (node.this, *node.expressions))
    if len({t.kind(part) for part in parts}) > 1:
        raise reader.refused(node, f"{_shown(node)} mixes numbers and texts: give coalesce() parts of one kind")
    if any(_growing(part) for part in parts) and not all(isinstance(part, t.Value) for part in parts[1:]):
        raise reader.refused(node, f"{_shown(node)} mixes a fact that grows with others: give it a number instead")
    return t.Coalesce(parts)


def _growing(node: t.Node) -> bool:
    return any(isinstance(part, t.Named) and part.fact.grows for part in t.walk(node))


def _flat(reader: _Reader, node: exp.Expr) -> tuple[t.Node, ...]:
    return tuple(reader.condition(part) for part in node.flatten())


_READERS: dict[type[exp.Expr], Callable[[_Reader, exp.Expr], t.Node]] = {
    **dict.fromkeys(_SIGNS, _compared),
    exp.Add: _sum,
    exp.And: lambda reader, node: t.All(_flat(reader, node)),
    exp.Between: _between,
    exp.Boolean: lambda _, node: t.Value(bool(node.this)),
    exp.Coalesce: _coalesce,
    exp.Column: _column,
    exp.In: _among,
    exp.Is: _is,
    exp.Like: _like,
    exp.Literal: _literal,
    exp.Mul: _product,
    exp.Neg: _negative,
    exp.Not: lambda reader, node: t.Not(reader.condition(node.this)),
    exp.Null: _null,
    exp.NullSafeEQ: _same,
    exp.NullSafeNEQ: _same,
    exp.Or: lambda reader, node: t.Any(_flat(reader, node)),
    exp.Paren: lambda reader, node: reader.node(node.this),
    exp.Sub: _sum,
}


def _shown(node: exp.Expr) -> str:
    written = node.sql("duckdb")
    return f"'{written if len(written) <= 40 else written[:39] + '…'}'"


def _syntax(text: str, error: SqlglotError) -> Misread:
    first = (getattr(error, "errors", None) or [{}])[0]
    if not first.get("line"):
        return Misread(max(len(text.rstrip()) - 1, 0), "a text or name has no end: close its quotation mark")
    said, near = str(first["description"]), str(first["highlight"])
    before = sum(len(line) + 1 for line in text.split("\n")[: first["line"] - 1])
    offset = max(before + first["col"] - len(near), 0)
    if said.startswith("Required keyword"):
        return Misread(offset, f"something is missing at '{near}': write a value on both sides")
    if said.startswith("Expecting "):
        return Misread(offset, f"'{said.removeprefix('Expecting ')}' was expected after '{near}': add it")
    return Misread(offset, f"'{near}' was not expected: write one condition, joined by AND and OR")
