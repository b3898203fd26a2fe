"""The ground rules: what a charter holds once it is read; plain values, whose order is the file's."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from hedgerow.charter.calendar import Calendar, Span
from hedgerow.charter.condition import Condition
from hedgerow.charter.facts import Fact

MADE = ("grade", "segment")
"""The facts a charter makes of others."""

Side = Literal["marketing", "sales"]


class Ref(str):
    """In a type: the name must stand under this key of the charter."""

    __slots__ = ()


class Without(frozenset[str]):
    """In a type: the condition may not ask for these facts, which are made from it."""


StageName = Annotated[str, Ref("stages")]
TeamName = Annotated[str, Ref("teams")]
AudienceName = Annotated[str, Ref("audiences")]


class Rule(msgspec.Struct, frozen=True):
    """A part of the charter: a mapping whose keys are its properties, and no others."""


class Signature(Rule, frozen=True):
    """Who signed for a side, and when."""

    side: Side
    name: str
    on: date


class Person(Rule, frozen=True):
    """Somebody leads are passed to: how many at a time, and in which languages."""

    capacity: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000
    languages: tuple[str, ...] = ()


class Route(Rule, frozen=True):
    """Who of a team takes the leads for which `when` holds; the first route that holds counts."""

    when: Condition | None = None
    to: tuple[str, ...] = ()
    by: Literal["round_robin", "least_loaded"] = "round_robin"
    language: bool = False


class Team(Rule, frozen=True):
    """A team of one side, when it is there, and how leads find a person in it."""

    side: Side
    calendar: Annotated[str, Ref("calendars")]
    lead: str
    people: dict[str, Person]
    routing: dict[str, Route] = {}


class Fences(Rule, frozen=True):
    """Which side may write each of the five fields that both use."""

    owner: Side
    status: Side
    score: Side
    opportunity_stage: Side
    customer_segment: Side


class Points(Rule, frozen=True):
    """What a lead's score gains where `when` holds."""

    when: Annotated[Condition, Without({"score", "grade", "segment"})]
    points: Annotated[int, msgspec.Meta(ge=-100, le=100)]


class Grade(Rule, frozen=True):
    """A grade: the first that holds is the lead's."""

    when: Annotated[Condition, Without({"grade", "segment", "stage"})]


class Segment(Rule, frozen=True):
    """A customer segment and the track its leads follow: the first that holds is the lead's."""

    when: Annotated[Condition, Without({"segment", "stage"})]
    track: str


class Ownership(Rule, frozen=True):
    """Which team owns the leads of a stage; without `when`, all that no other line of the stage takes."""

    team: TeamName
    when: Condition | None = None


class Lapse(Rule, frozen=True):
    """What happens when a clock runs out: the lead goes to a stage, or a team is told."""

    to: StageName | None = None
    tell: TeamName | None = None


class Clock(Rule, frozen=True):
    """What the owner must do, within how long of the lead's coming to the stage, and what happens if not.

    Without `must` the clock bounds the stay: whatever was done, the lead does not stay longer.
    """

    within: Span
    otherwise: Lapse
    must: Condition | None = None


class Stage(Rule, frozen=True):
    """A stage: who owns its leads and what they must do; an end is where a lead may stay for ever."""

    says: str
    owner: tuple[Ownership, ...]
    clocks: dict[str, Clock] = {}
    end: bool = False


class Transition(Rule, frozen=True):
    """What takes a lead from a stage to another; where two hold, the one that says `before` goes first."""

    from_: tuple[StageName, ...] = msgspec.field(name="from")
    to: StageName
    when: Condition
    before: tuple[Annotated[str, Ref("transitions")], ...] = ()


class Audience(Rule, frozen=True):
    """A kind of audience: whose it is, which side decides who is in it, and who may be."""

    side: Side
    decides: Side
    when: Condition


class Suppression(Rule, frozen=True):
    """Who may not be in some kinds of audience."""

    from_: tuple[AudienceName, ...] = msgspec.field(name="from")
    when: Condition


class Share(Rule, frozen=True):
    """The share of a whole that a party agreed to bring, as a percentage; of leads for which `when` holds."""

    party: str
    share: Decimal
    when: Condition | None = None


class Contribution(Rule, frozen=True):
    """Who brings which share of pipeline, and of revenue."""

    pipeline: tuple[Share, ...]
    revenue: tuple[Share, ...]


class Charter(Rule, frozen=True, kw_only=True):
    """The ground rules both sides sign. Names are keys; `facts` is what its conditions can ask for."""

    charter: str
    version: Annotated[int, msgspec.Meta(ge=1)]
    signed: tuple[Signature, ...] = ()
    calendars: dict[str, Calendar]
    teams: dict[str, Team]
    fences: Fences
    begin: StageName
    stages: dict[str, Stage]
    transitions: dict[str, Transition]
    score: dict[str, Points] = {}
    grades: dict[str, Grade] = {}
    segments: dict[str, Segment] = {}
    audiences: dict[str, Audience]
    suppression: dict[str, Suppression] = {}
    contribution: Contribution
    facts: dict[str, Fact] = {}

    def leaving(self, stage: str) -> list[str]:
        """Return the transitions out of a stage in the order in which they are tried: the first that holds counts.

        That is the stated order (`before`), and the file's where none is stated.
        """
        left = [name for name, each in self.transitions.items() if stage in each.from_]
        ordered: list[str] = []
        while left:
            first = next(name for name in left if not any(name in self.transitions[o].before for o in left))
            ordered.append(first)
            left.remove(first)
        return ordered

    def goes_first(self, stage: str, name: str, other: str) -> bool:
        """Return whether the charter states, at once or by way of others, that one goes before another."""
        found, asked = set[str](), [name]
        while asked:
            beyond = {each for each in self.transitions[asked.pop()].before if stage in self.transitions[each].from_}
            asked += beyond - found
            found |= beyond
        return other in found

    def sooner(self, stage: str, name: str) -> list[str]:
        """Return the clocks of a stage that take a lead on and are surely due before another, or with it and first.

        Spans of different units depend on the calendar, so neither is surely sooner.
        """
        clocks = self.stages[stage].clocks
        order, own = list(clocks), clocks[name].within
        return [
            each
            for each, clock in clocks.items()
            if each != name and clock.otherwise.to is not None and clock.within.unit == own.unit
            if (clock.within.amount, order.index(each)) < (own.amount, order.index(name))
        ]

    def sides(self, stage: str) -> set[Side]:
        """Return the sides that own leads of a stage."""
        return {self.teams[each.team].side for each in self.stages[stage].owner}

    @property
    def unsigned(self) -> list[Side]:
        """The sides that have not signed."""
        sides: tuple[Side, ...] = ("marketing", "sales")
        return [side for side in sides if side not in {signature.side for signature in self.signed}]
