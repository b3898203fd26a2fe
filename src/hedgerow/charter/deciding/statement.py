"""The statement: the charter's rules as the columns of a query, written from their trees."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from hedgerow.charter.condition import ALWAYS, Condition, to_sql
from hedgerow.charter.condition.sql import literal, quoted
from hedgerow.charter.rules import Charter, Stage

Rules = Mapping[str, Condition | None]


def known(charter: Charter, source: str) -> str:
    """Return the leads of `source` with the facts that the charter itself makes: grade and segment."""
    grade = _first({name: rule.when for name, rule in charter.grades.items()})
    segment = _first({name: rule.when for name, rule in charter.segments.items()})
    return f"SELECT *, {segment} AS segment FROM (SELECT *, {grade} AS grade FROM {source})"


def now(charter: Charter) -> Iterator[str]:
    """Yield what is decided of a lead where it stands, but for its clocks; `must_N` says what the Nth has met."""
    yield from ("row", "stage", "grade", "segment", "epoch_us(entered_at::TIMESTAMPTZ) AS entered")
    yield f"{_match('segment', {name: literal(rule.track) for name, rule in charter.segments.items()})} AS track"
    gains = [f"CASE WHEN {to_sql(rule.when)} THEN {rule.points} ELSE 0 END" for rule in charter.score.values()]
    yield f"{' + '.join(gains) or '0'} AS points"
    yield f"{_by_stage(charter, lambda _, stage: _listed(_owners(stage)))} AS owners"
    yield "owners[1] AS owner"
    yield f"{_match('owners[1]', _routes(charter))} AS own_route"
    yield f"{_by_stage(charter, lambda name, _: _all(_leaving(charter, name)))} AS holding"
    yield f"{_all({name: rule.when for name, rule in charter.suppression.items()})} AS suppressed"
    yield f"{_listed((name, _inside(charter, name)) for name in charter.audiences)} AS audiences"
    yield f"{_all({name: rule.when for name, rule in charter.audiences.items()})} AS meant"
    for number, (_, must) in enumerate(clocks(charter)):
        yield f"({to_sql(must) if must else 'false'}) IS TRUE AS met_{number}"


def clocks(charter: Charter) -> list[tuple[tuple[str, str], Condition | None]]:
    """Return the stage and name of every clock, with what it waits for."""
    return [
        ((stage, name), clock.must) for stage, rules in charter.stages.items() for name, clock in rules.clocks.items()
    ]


def target(charter: Charter) -> str:
    """Return the stage that the first transition that holds leads to."""
    return _match("holding[1]", {name: literal(rule.to) for name, rule in charter.transitions.items()})


def entering(charter: Charter) -> str:
    """Return the leads that move as they are on entering their next stage: the facts of the stay start again."""
    stays = [fact for fact in charter.facts.values() if fact.of_stay]
    starts = ", ".join(f"{literal(fact.on_entry)} AS {quoted(fact.name)}" for fact in stays)
    return f"""SELECT * REPLACE ("to" AS stage{", " + starts if starts else ""})
               FROM admitted JOIN (SELECT row, "to" FROM moved) USING (row)"""


def then(charter: Charter) -> Iterator[str]:
    """Yield what is decided of a lead where it goes."""
    yield f"{_by_stage(charter, lambda _, stage: _listed(_owners(stage)))}[1] AS next_owner"
    yield f"{_match('next_owner', _routes(charter))} AS route"


def _routes(charter: Charter) -> dict[str, str]:
    return {
        team: _first({name: route.when for name, route in member.routing.items()})
        for team, member in charter.teams.items()
    }


def _owners(stage: Stage) -> list[tuple[str, str]]:
    named = [to_sql(line.when) for line in stage.owner if line.when]
    rest = f"NOT coalesce({' OR '.join(named)}, false)" if named else "true"
    return [(line.team, to_sql(line.when) if line.when else rest) for line in stage.owner]


def _leaving(charter: Charter, stage: str) -> Rules:
    return {name: charter.transitions[name].when for name in charter.leaving(stage)}


def _inside(charter: Charter, audience: str) -> str:
    rules = [rule.when for rule in charter.suppression.values() if audience in rule.from_]
    outside = "".join(f" AND {to_sql(rule)} IS NOT TRUE" for rule in rules)
    return f"{to_sql(charter.audiences[audience].when)}{outside}"


def _by_stage(charter: Charter, column: Callable[[str, Stage], str]) -> str:
    return _match("stage", {name: column(name, stage) for name, stage in charter.stages.items()})


def _match(column: str, values: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN {literal(name)} THEN {value}" for name, value in values.items())
    return f"CASE {column} {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _first(rules: Rules) -> str:
    cases = " ".join(f"WHEN {to_sql(when or ALWAYS)} THEN {literal(name)}" for name, when in rules.items())
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _all(rules: Rules) -> str:
    return _listed((name, to_sql(when or ALWAYS)) for name, when in rules.items())


def _listed(holding: Iterable[tuple[str, str]]) -> str:
    """Return the names of all that hold, in order."""
    cases = ", ".join(f"CASE WHEN {when} THEN {literal(name)} END" for name, when in holding)
    return f"list_filter(CAST([{cases}] AS VARCHAR[]), lambda name: name IS NOT NULL)"
