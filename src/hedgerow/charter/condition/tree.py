"""The tree of a condition: the few kinds of nodes that all its readers (SQL, proof, plain logic, sentence) know."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hedgerow.charter.facts import Answer, Fact, Kind

Sign = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Named:
    """The value of a fact."""

    fact: Fact


@dataclass(frozen=True)
class Value:
    """A literal; None is NULL."""

    value: Answer


@dataclass(frozen=True)
class Plus:
    """The sum of two numbers."""

    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Times:
    """A number multiplied by a literal; its own part holds no other `Times`, so eight decimals always suffice."""

    factor: Decimal
    part: "Node"


@dataclass(frozen=True)
class Coalesce:
    """The first of its parts that is not NULL."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Compare:
    """A comparison of two values of one kind; NULL where either is."""

    sign: Sign
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Same:
    """IS NOT DISTINCT FROM: equal or both NULL; never NULL itself."""

    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Among:
    """IN a list of literals."""

    left: "Node"
    values: tuple[Value, ...]

    @property
    def spelled(self) -> "Any":
        """The equalities it stands for."""
        return Any(tuple(Compare("=", self.left, value) for value in self.values))


@dataclass(frozen=True)
class Like:
    """LIKE: `%` is any text, `_` any one character."""

    left: "Node"
    pattern: str


@dataclass(frozen=True)
class IsNull:
    """IS NULL."""

    part: "Node"


@dataclass(frozen=True)
class Is:
    """IS TRUE or IS FALSE."""

    part: "Node"
    truth: bool


@dataclass(frozen=True)
class Not:
    """NOT; NULL stays NULL."""

    part: "Node"


@dataclass(frozen=True)
class All:
    """AND in SQL's three-valued logic."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Any:
    """OR in SQL's three-valued logic."""

    parts: tuple["Node", ...]


Node = Named | Value | Plus | Times | Coalesce | Compare | Same | Among | Like | IsNull | Is | Not | All | Any


@dataclass(frozen=True)
class Condition:
    """A condition as it was written, and as a tree; it holds where it is TRUE, not where it is NULL."""

    text: str
    tree: Node

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts it asks for, by name, in order of appearance."""
        return {node.fact.name: node.fact for node in walk(self.tree) if isinstance(node, Named)}


ALWAYS = Condition("true", Value(True))


def within(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in order."""
    match node:
        case Plus(left, right) | Compare(_, left, right) | Same(left, right):
            return left, right
        case Times(_, part) | IsNull(part) | Is(part, _) | Not(part) | Like(part, _):
            return (part,)
        case Among(left, values):
            return left, *values
        case Coalesce(parts) | All(parts) | Any(parts):
            return parts
        case Named() | Value():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in order."""
    yield node
    for part in within(node):
        yield from walk(part)


def kind(node: Node) -> Kind | None:
    """Return what a node's value is; None for NULL, which is of every kind."""
    match node:
        case Named(fact):
            return fact.type
        case Value(value):
            if value is None:
                return None
            return "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        case Plus() | Times():
            return "number"
        case Coalesce(parts):
            return next((found for part in parts if (found := kind(part))), None)
        case _:
            return "boolean"
