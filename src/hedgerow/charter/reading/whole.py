"""The whole: the ground rules of one text, with what can only be said of all its parts together."""

from collections.abc import Mapping

from yaml import MappingNode, Node

from hedgerow.charter.facts import facts
from hedgerow.charter.reading.faults import Unreadable
from hedgerow.charter.reading.nodes import entries, within
from hedgerow.charter.reading.values import BAD, Values
from hedgerow.charter.rules import Charter
from hedgerow.kit import nearest

_NAMED = ("calendars", "teams", "stages", "transitions", "grades", "segments", "audiences")


def checked(node: MappingNode, text: str, fields: Mapping[str, str], name: str) -> Charter:
    """Return the charter a node is; raises `Unreadable` with every fault found."""
    names = {section: list(entries(within_or_nothing(node, section))) for section in _NAMED}
    values = Values(text, names, facts(fields, names))
    charter = values.read(Charter, node)
    if charter is not BAD:
        _people(charter, node, values)
        _order(charter, node, values)
    if values.faults:
        raise Unreadable(name, values.faults)
    whole: Charter = charter
    return Charter(**{**{f: getattr(whole, f) for f in whole.__struct_fields__}, "facts": dict(values.facts)})


def within_or_nothing(node: Node, key: str) -> Node:
    """Return a key's node, or an empty mapping."""
    return entries(node).get(key) or MappingNode("", [], node.start_mark, node.start_mark)


def _people(charter: Charter, node: MappingNode, values: Values) -> None:
    for name, team in charter.teams.items():
        if team.lead not in team.people:
            place = within(node, "teams", name, "lead")
            values.fault(place, f"No '{team.lead}' is in team {name}.{nearest(team.lead, team.people)}")
        for route, rule in team.routing.items():
            for person in set(rule.to) - set(team.people):
                place = within(node, "teams", name, "routing", route, "to")
                values.fault(place, f"No '{person}' is in team {name}.{nearest(person, team.people)}")


def _order(charter: Charter, node: MappingNode, values: Values) -> None:
    for name, rule in charter.transitions.items():
        place = within(node, "transitions", name, "before")
        for other in rule.before:
            if not set(rule.from_) & set(charter.transitions[other].from_):
                values.fault(place, f"'{name}' and '{other}' leave no stage in common: take '{other}' out of before")
        if any(charter.goes_first(stage, name, name) for stage in rule.from_):
            values.fault(place, f"'{name}' goes before itself by way of others: take one of them out of before")
