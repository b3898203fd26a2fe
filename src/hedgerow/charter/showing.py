"""Showing: a charter read back in plain sentences, the five questions every pair of teams must answer first."""

from collections.abc import Iterator

from hedgerow.charter.condition import Condition, sentence
from hedgerow.charter.rules import Charter, Clock, Route, Share, Stage

Part = tuple[str, list[str]]
"""A heading and its sentences."""


def show(charter: Charter) -> list[Part]:
    """Return the charter as headings, each with sentences that end in a full stop."""
    signed = [f"{each.name} signed for {each.side} on {each.on}." for each in charter.signed]
    signed += [f"Nobody signed for {side} yet." for side in charter.unsigned]
    return [
        (f"{charter.charter}, version {charter.version}", signed),
        ("What passes a lead to sales?", list(_passing(charter, "marketing", "sales"))),
        ("What must sales do with each lead it has?", list(_duties(charter, "sales"))),
        ("What passes a lead back to marketing?", list(_passing(charter, "sales", "marketing"))),
        ("Who decides which prospects are in campaigns?", list(_audiences(charter))),
        ("Who is kept out, and how does sales take one out?", list(_suppression(charter))),
        ("Which side writes the fields both use?", list(_fences(charter))),
        ("The stages", list(_stages(charter))),
        ("The other transitions", list(_staying(charter))),
        ("What marketing must do with each lead it has", list(_duties(charter, "marketing"))),
        ("Score, grades and segments", list(_valued(charter))),
        ("Who gets a lead", list(_routing(charter))),
        ("Who agreed to bring what", list(_shares(charter))),
    ]


def _passing(charter: Charter, one: str, other: str) -> Iterator[str]:
    for stage in charter.stages:
        for name in charter.leaving(stage):
            if one in charter.sides(stage) and other in charter.sides(charter.transitions[name].to):
                yield _transition(charter, stage, name)
        for name, clock in charter.stages[stage].clocks.items():
            to = clock.otherwise.to
            if to and one in charter.sides(stage) and other in charter.sides(to):
                yield f"From '{stage}' to '{to}' where its clock '{name}' runs out."


def _staying(charter: Charter) -> Iterator[str]:
    for stage in charter.stages:
        for name in charter.leaving(stage):
            if charter.sides(stage) == charter.sides(charter.transitions[name].to):
                yield _transition(charter, stage, name)


def _transition(charter: Charter, stage: str, name: str) -> str:
    rule = charter.transitions[name]
    first = [other for other in charter.leaving(stage) if charter.goes_first(stage, other, name)]
    unless = f", unless {' or '.join(repr(other) for other in first)} takes it" if first else ""
    return f"'{name}' takes it from '{stage}' to '{rule.to}' where {sentence(rule.when)}{unless}."


def _duties(charter: Charter, side: str) -> Iterator[str]:
    for name, stage in charter.stages.items():
        if side in charter.sides(name):
            yield from (_clock(name, clock) for clock in stage.clocks.values())


def _clock(stage: str, clock: Clock) -> str:
    lapse = [f"it goes to '{clock.otherwise.to}'"] if clock.otherwise.to else []
    lapse += [f"{clock.otherwise.tell} is told"] if clock.otherwise.tell else []
    then = " and ".join(lapse) or "nothing happens"
    if clock.must is None:
        return f"A lead stays in '{stage}' for {clock.within} at most; then {then}."
    return f"In '{stage}', within {clock.within}, {sentence(clock.must)}; otherwise {then}."


def _audiences(charter: Charter) -> Iterator[str]:
    for name, audience in charter.audiences.items():
        whose = f"'{name}', an audience of {audience.side}, where {sentence(audience.when)}"
        yield f"{audience.decides.capitalize()} decides who is in {whose}."


def _suppression(charter: Charter) -> Iterator[str]:
    for name, rule in charter.suppression.items():
        listed = ", ".join(f"'{each}'" for each in rule.from_)
        by_sales = any(fact.by == "sales" for fact in rule.when.facts.values())
        who = " Sales says so." if by_sales else ""
        yield f"'{name}' keeps a lead out of {listed} where {sentence(rule.when)}.{who}"


def _fences(charter: Charter) -> Iterator[str]:
    for field in charter.fences.__struct_fields__:
        yield f"{getattr(charter.fences, field).capitalize()} writes the {field.replace('_', ' ')}."


def _stages(charter: Charter) -> Iterator[str]:
    yield f"A new lead begins in '{charter.begin}'."
    for name, stage in charter.stages.items():
        yield f"'{name}' {'is an end and ' if stage.end else ''}belongs to {_owners(stage)}. {stage.says}"


def _owners(stage: Stage) -> str:
    said = [f"{each.team}{f' where {sentence(each.when)}' if each.when else ''}" for each in stage.owner]
    return ", otherwise to ".join(said) or "nobody"


def _valued(charter: Charter) -> Iterator[str]:
    for name, rule in charter.score.items():
        yield f"{rule.points:+d} points for '{name}', where {sentence(rule.when)}."
    for name, grade in charter.grades.items():
        yield f"Grade {name} where {sentence(grade.when)}."
    for name, segment in charter.segments.items():
        yield f"Segment '{name}', on the track '{segment.track}', where {sentence(segment.when)}."


def _routing(charter: Charter) -> Iterator[str]:
    for team, rules in charter.teams.items():
        for name, route in rules.routing.items():
            yield f"In {team}, '{name}' passes it to {_route(route, list(rules.people))}."
        if not rules.routing:
            yield f"In {team}, {_all_of(list(rules.people))} in turn."
        yield f"In {team}, {rules.lead} takes what nobody has room for."


def _route(route: Route, people: list[str]) -> str:
    turn = "whoever is least loaded of " if route.by == "least_loaded" else ""
    language = ", first those who speak its language" if route.language else ""
    return f"{turn}{_all_of(list(route.to) or people)}{language}, {_where(route.when)}"


def _all_of(people: list[str]) -> str:
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"


def _where(when: Condition | None) -> str:
    return f"where {sentence(when)}" if when else "whatever it is"


def _shares(charter: Charter) -> Iterator[str]:
    for whole, shares in (("pipeline", charter.contribution.pipeline), ("revenue", charter.contribution.revenue)):
        yield from (_share(whole, share) for share in shares)


def _share(whole: str, share: Share) -> str:
    return (
        f"{share.party.capitalize()} brings {share.share}% of {whole}{f', {_where(share.when)}' if share.when else ''}."
    )
