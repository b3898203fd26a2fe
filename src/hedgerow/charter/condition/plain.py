"""Plain logic: SQL's three-valued logic in Python over one lead; the yardstick of the other readers."""

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import Lead

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def holds(condition: t.Condition, lead: Lead) -> bool:
    """Return whether the condition is TRUE of the lead; a fact the lead does not have is NULL."""
    return value(condition.tree, lead) is True


def value(node: t.Node, lead: Lead) -> bool | str | Fraction | None:
    """Return a node's value, None for NULL; numbers are exact."""
    match node:
        case t.Named(fact):
            return _exact(lead.get(fact.name))
        case t.Value(literal):
            return _exact(literal)
        case t.Coalesce(parts):
            return next((found for part in parts if (found := value(part, lead)) is not None), None)
        case t.Among():
            return value(node.spelled, lead)
        case t.All(parts):
            return _all([value(part, lead) for part in parts])
        case t.Any(parts):
            return _not(_all([_not(value(part, lead)) for part in parts]))
        case t.IsNull(part):
            return value(part, lead) is None
        case t.Is(part, truth):
            return value(part, lead) is truth
        case t.Same(left, right):
            return value(left, lead) == value(right, lead)
        case _:
            return _strict(node, [value(part, lead) for part in t.within(node)])


def _strict(node: t.Node, parts: list[Any]) -> bool | Fraction | None:
    """Return the value of a node that is NULL where a part of it is."""
    if any(part is None for part in parts):
        return None
    match node:
        case t.Plus():
            total: Fraction = parts[0] + parts[1]
            return total
        case t.Times(factor, _):
            product: Fraction = Fraction(factor) * parts[0]
            return product
        case t.Compare(sign, _, _):
            return _COMPARE[sign](*parts)
        case t.Like(_, pattern):
            return bool(_pattern(pattern).fullmatch(parts[0]))
        case _:
            return _not(parts[0])


def _all(parts: list[Any]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _not(truth: Any) -> bool | None:
    return None if truth is None else not truth


def _exact(found: bool | str | Decimal | None) -> bool | str | Fraction | None:
    return Fraction(found) if isinstance(found, Decimal) else found


@cache
def _pattern(like: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(letter, re.escape(letter)) for letter in like), re.DOTALL)
