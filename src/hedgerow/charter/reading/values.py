"""Values: a node as the type that the ground rules give its place, or a fault that says what was expected."""

import types
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import msgspec
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from hedgerow.charter.calendar import WEEKDAYS, Calendar, Span, openings, span
from hedgerow.charter.condition import Condition, Misread, parse
from hedgerow.charter.facts import Fact
from hedgerow.charter.reading.faults import Fault, fault_at
from hedgerow.charter.reading.nodes import entries, is_empty, shape
from hedgerow.charter.rules import Ownership, Ref, Without
from hedgerow.kit import nearest

BAD: Any = object()
"""Stands where a fault was found, so that reading goes on to the next."""

_SHORT = {Ownership: "team"}


class Values:
    """Reads nodes; what is wrong collects in `faults`."""

    def __init__(self, text: str, names: Mapping[str, list[str]], facts: Mapping[str, Fact]) -> None:
        self.text, self.names, self.facts = text, names, facts
        self.faults: list[Fault] = []

    def fault(self, node: Node, sentence: str, offset: int = 0) -> Any:
        """Note a fault at a node, and return what stands for its value."""
        self.faults.append(fault_at(node, sentence, self.text, offset))
        return BAD

    def read(self, kind: Any, node: Node) -> Any:
        """Return the node as a value of a type of the ground rules, `BAD` where it is none."""
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._annotated(inner[0], inner[1], node)
        if origin in (Union, types.UnionType):
            return None if is_empty(node) else self.read(inner[0], node)
        if origin is Literal:
            return self._one_of(node, inner)
        if origin is tuple:
            return self._several(inner[0], node)
        if origin is dict:
            return self._named(inner[1], node)
        if kind in _LEAVES:
            return _LEAVES[kind](self, node)
        return self._struct(kind, node)

    def written(self, node: Node, expected: str) -> Any:
        """Return a scalar's text, `BAD` where there is none."""
        if isinstance(node, ScalarNode) and not is_empty(node):
            return node.value
        return self.fault(node, f"{expected} was expected here, not {shape(node)}: write one")

    def condition(self, node: Node, without: frozenset[str] = frozenset()) -> Any:
        """Return a condition, whose own faults stand at their place in the file."""
        text = self.written(node, "a condition, as in score >= 60,")
        if text is BAD:
            return BAD
        try:
            return parse(text, {name: fact for name, fact in self.facts.items() if name not in without})
        except Misread as refusal:
            unmade = next((name for name in without if f"'{name}'" in refusal.sentence.split(".")[0]), None)
            said = f"'{unmade}' is made from this, so it can't be asked for here: use other facts" if unmade else None
            return self.fault(node, said or refusal.sentence, refusal.offset)

    def _annotated(self, kind: Any, said: Any, node: Node) -> Any:
        if isinstance(said, Without):
            return self.condition(node, said)
        if isinstance(said, Ref):
            return self._one_of(node, self.names.get(said, []), f" is under {said}")
        value = self.read(kind, node)
        if value is BAD:
            return BAD
        try:
            return msgspec.convert(value, Annotated[kind, said])
        except msgspec.ValidationError as error:
            return self.fault(node, f"{value} is out of bounds ({error}): correct it")

    def _one_of(self, node: Node, known: Any, where: str = " was expected here") -> Any:
        text = self.written(node, "a name")
        if text is BAD or text in known:
            return text
        return self.fault(node, f"No '{text}'{where}.{nearest(text, known)}")

    def _several(self, kind: Any, node: Node) -> Any:
        if is_empty(node):
            return ()
        values = [self.read(kind, each) for each in (node.value if isinstance(node, SequenceNode) else [node])]
        return BAD if BAD in values else tuple(values)

    def _named(self, kind: Any, node: Node) -> Any:
        if is_empty(node):
            return {}
        if not isinstance(node, MappingNode):
            return self.fault(node, f"names, each with what it is, were expected here, not {shape(node)}: name them")
        self._twice(node)
        values = {name: self.read(kind, each) for name, each in entries(node).items()}
        return BAD if any(value is BAD for value in values.values()) else values

    def _struct(self, kind: Any, node: Node) -> Any:
        short = _SHORT.get(kind)
        if short and isinstance(node, ScalarNode):
            return self._made(kind, {short: node}, node)
        if not isinstance(node, MappingNode):
            known = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
            return self.fault(node, f"{kind.__name__.lower()} is {shape(node)}: a mapping of {known} was expected")
        self._twice(node)
        return self._made(kind, entries(node), node)

    def _made(self, kind: Any, given: Mapping[str, Node], node: Node) -> Any:
        hints = get_type_hints(kind, include_extras=True)
        fields = {f.encode_name: f for f in msgspec.structs.fields(kind) if hints[f.name] != dict[str, Fact]}
        for key, _ in node.value if isinstance(node, MappingNode) else ():
            if isinstance(key, ScalarNode) and key.value not in fields:
                self.fault(key, f"No '{key.value}' was expected here.{nearest(key.value, fields)}")
        missing = [name for name, field in fields.items() if field.required and name not in given]
        if missing:
            self.fault(node, f"{kind.__name__.lower()} has no {' and no '.join(missing)}: add it")
        values = {f.name: self.read(hints[f.name], given[name]) for name, f in fields.items() if name in given}
        return BAD if missing or any(value is BAD for value in values.values()) else kind(**values)

    def _twice(self, node: MappingNode) -> None:
        seen = set[str]()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode) or not key.value:
                self.fault(key, f"a name was expected here, not {shape(key)}: write one")
            elif key.value in seen:
                self.fault(key, f"'{key.value}' is here twice: take one away, or rename it")
            else:
                seen.add(key.value)


def _text(values: Values, node: Node) -> Any:
    return values.written(node, "a text")


def _integer(values: Values, node: Node) -> Any:
    text = values.written(node, "a whole number")
    if text is BAD or (text.lstrip("-").isdecimal() and len(text) < 12):
        return BAD if text is BAD else int(text)
    return values.fault(node, f"a whole number was expected here, not '{text}': write one")


def _boolean(values: Values, node: Node) -> Any:
    text = values.written(node, "true or false")
    if text is BAD or text in ("true", "false"):
        return BAD if text is BAD else text == "true"
    return values.fault(node, f"true or false was expected here, not '{text}': write one of them")


def _day(values: Values, node: Node) -> Any:
    text = values.written(node, "a day, as in 2026-12-25,")
    try:
        return BAD if text is BAD else date.fromisoformat(text)
    except ValueError:
        return values.fault(node, f"a day was expected here, not '{text}': write it as in 2026-12-25")


def _share(values: Values, node: Node) -> Any:
    text = values.written(node, "a share, as in 40%,")
    if text is BAD:
        return BAD
    number = text.removesuffix("%")
    if text.endswith("%") and number.replace(".", "", 1).isdecimal() and 0 < Decimal(number) <= 100:
        return Decimal(number)
    return values.fault(node, f"a share between 0 and 100% was expected here, not '{text}': write it as in 40%")


def _span(values: Values, node: Node) -> Any:
    text = values.written(node, "a span, as in 4 business hours,")
    if text is BAD or (found := span(text)):
        return BAD if text is BAD else found
    return values.fault(
        node,
        f"a span of 1 to 5,000 was expected here, not '{text}': write it as in 30 minutes, 4 business hours or 2 days",
    )


def _calendar(values: Values, node: Node) -> Any:
    week = values.read(_Week, node)
    if week is BAD:
        return BAD
    if week.zone not in available_timezones():
        return values.fault(
            entries(node)["zone"], f"No zone is called '{week.zone}'.{nearest(week.zone, available_timezones())}"
        )
    hours = {day: _openings(values, day, entries(entries(node)["hours"])[day]) for day in week.hours}
    if not any(found for found in hours.values() if found is not BAD):
        return values.fault(node, "a calendar without an hour would keep everybody waiting for ever: give it hours")
    listed = tuple(() if hours.get(day, ()) is BAD else hours.get(day, ()) for day in WEEKDAYS)
    return Calendar(week.zone, listed, frozenset(week.holidays))


def _openings(values: Values, day: str, node: Node) -> Any:
    if day not in WEEKDAYS:
        return values.fault(node, f"No weekday is called '{day}'.{nearest(day, WEEKDAYS)}")
    found = openings(node.value)
    if found is None:
        return values.fault(
            node, f"hours in order were expected here, not '{node.value}': write them as in 09:00-12:30, 13:30-17:00"
        )
    return found


class _Week(msgspec.Struct):
    zone: str
    hours: dict[str, str]
    holidays: tuple[date, ...] = ()


_LEAVES: dict[Any, Callable[[Values, Node], Any]] = {
    str: _text,
    int: _integer,
    bool: _boolean,
    date: _day,
    Decimal: _share,
    Span: _span,
    Calendar: _calendar,
    Condition: lambda values, node: values.condition(node),
}
