"""Routing: which person of a team a lead goes to, by its route, turn, room and language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hedgerow.charter.rules import Route, Team


@dataclass
class Desk:
    """What routing must remember: how many leads each person has, and who had the last one of each route.

    `assign` writes both on; whoever keeps them hands them in again.
    """

    load: dict[str, int] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)


def assign(team: Team, leads: Sequence[tuple[str | None, str | None]], desk: Desk) -> list[str]:
    """Return the person for each lead, given as its route and its language, in order of their coming.

    Without a route everybody in the team takes turns. Where language counts, those who speak the lead's go first,
    if there are any with room. Who has no room left is passed over; the team's lead takes what nobody can.
    """
    persons = []
    for route, language in leads:
        rule = team.routing.get(route or "", Route())
        person = _person(team, rule, route or "", language, desk)
        desk.load[person] = desk.load.get(person, 0) + 1
        persons.append(person)
    return persons


def _person(team: Team, rule: Route, route: str, language: str | None, desk: Desk) -> str:
    room = [person for person in rule.to or team.people if desk.load.get(person, 0) < team.people[person].capacity]
    spoken = [person for person in room if language in team.people[person].languages] if rule.language else []
    able = spoken or room
    if not able:
        return team.lead
    if rule.by == "least_loaded":
        return min(able, key=lambda person: _fullness(team, person, desk.load))
    person = _next(list(rule.to or team.people), able, desk.last.get(route))
    desk.last[route] = person
    return person


def _fullness(team: Team, person: str, load: Mapping[str, int]) -> float:
    return load.get(person, 0) / team.people[person].capacity


def _next(order: list[str], able: list[str], last: str | None) -> str:
    """Return the first who is able after the one who had the last lead."""
    start = order.index(last) + 1 if last in order else 0
    return next(person for person in order[start:] + order[:start] if person in able)
