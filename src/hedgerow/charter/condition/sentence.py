"""Sentences: a condition as people say it, from its tree."""

from decimal import Decimal

from hedgerow.charter.condition import tree as t
from hedgerow.charter.facts import plain

_SIGNS = {
    "=": "is", "<>": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_OPPOSITE: dict[t.Sign, t.Sign] = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def sentence(condition: t.Condition) -> str:
    """Return the condition in plain words, without a full stop: "the score is at least 60 and it is accepted"."""
    return _said(condition.tree)


def _said(node: t.Node) -> str:
    match node:
        case t.Named(fact):
            return f"it is {fact.yes}"
        case t.Value(value):
            return "always" if value else "never"
        case t.Compare() | t.Same():
            return _compared(node)
        case t.Among(left, values):
            return f"{_thing(left)} is {_either(values)}"
        case t.Like(left, pattern):
            return f"{_thing(left)} reads like '{pattern}'"
        case t.IsNull(part):
            return f"{_thing(part)} is unknown"
        case t.Is(part, True):
            return f"it is certain that {_said(part)}"
        case t.Is(part, _):
            return f"it is certain that {_denied(part)}"
        case t.Not(part):
            return _denied(part)
        case t.All(parts):
            return " and ".join(_grouped(part) for part in parts)
        case t.Any(parts):
            return " or ".join(_grouped(part) for part in parts)
        case _:
            return _thing(node)


def _denied(node: t.Node) -> str:
    match node:
        case t.Named(fact):
            return f"it is {fact.no}"
        case t.Compare(sign, left, right):
            return _said(t.Compare(_OPPOSITE[sign], left, right))
        case t.Among(left, values):
            return f"{_thing(left)} is neither {' nor '.join(_thing(value) for value in values)}"
        case t.Like(left, pattern):
            return f"{_thing(left)} does not read like '{pattern}'"
        case t.IsNull(part):
            return f"{_thing(part)} is known"
        case t.Is(part, truth):
            return f"it is not certain that {_said(part) if truth else _denied(part)}"
        case t.Not(part):
            return _said(part)
        case t.Value(value):
            return "never" if value else "always"
        case _:
            return f"it is not so that {_grouped(node)}"


def _compared(node: t.Compare | t.Same) -> str:
    sign: t.Sign = node.sign if isinstance(node, t.Compare) else "="
    left, right = node.left, node.right
    if isinstance(right, t.Value) and isinstance(right.value, bool):
        return _said(left) if right.value == (sign == "=") else _denied(left)
    said = f"{_thing(left)} {_SIGNS[sign]} {_thing(right)}"
    return said if isinstance(node, t.Compare) else f"{said}, known or unknown"


def _thing(node: t.Node) -> str:
    match node:
        case t.Named(fact):
            return fact.label or f"whether it is {fact.yes}"
        case t.Value(Decimal() as value):
            return plain(value)
        case t.Value(value):
            return f"'{value}'" if isinstance(value, str) else "nothing" if value is None else str(value).lower()
        case t.Plus(left, right):
            return f"{_thing(left)} plus {_thing(right)}"
        case t.Times(factor, part):
            return f"{plain(factor)} times {_thing(part)}"
        case t.Coalesce(parts):
            return f"{_thing(parts[0])} (where unknown: {', then '.join(_thing(part) for part in parts[1:])})"
        case _:
            return f"whether {_said(node)}"


def _either(values: tuple[t.Value, ...]) -> str:
    said = [_thing(value) for value in values]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def _grouped(node: t.Node) -> str:
    return f"({_said(node)})" if isinstance(node, t.All | t.Any) else _said(node)
