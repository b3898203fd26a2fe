"""Answers: what people said of who is who, as matching learns of it and must not ask again."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.clusters import Clusters
from hedgerow.people.decisions import Decision, decisions, in_force
from hedgerow.people.matching import ANSWERS

PAIRS = pa.schema([("a", pa.int64()), ("b", pa.int64())])


@dataclass(frozen=True)
class Answered:
    """What was answered: `answers` (`ANSWERS`) about proposals; `closed` (`PAIRS`, a before b), the people who were
    said to be two, or whom somebody could not tell."""

    answers: pa.Table
    closed: pa.Table


def answered(workspace: Workspace, known: Clusters) -> Answered:
    """Return what is in force of what people answered, in its order."""
    made = decisions(workspace)
    matches = {f"touch:{each.touch_id}": each for each in made if each.verb == "match"}
    answers, closed = [], set[tuple[int, int]]()
    for each in in_force(made):
        verdict, about = _verdict(each, matches)
        if about is None:
            continue
        sides = about.sides if about.verb == "split" else (about.codes[:1], about.codes[1:2])
        people = [{int(known.person[code]) for code in side} for side in sides]
        if verdict is not True:
            closed |= {(min(a, b), max(a, b)) for a in people[0] for b in people[1] if a != b}
        support = about.properties.get("support")
        if verdict is not None and support is not None and all(sides):
            answers.append((*_between(known, *(min(side) for side in sides)), verdict, float(support)))
    rows = [dict(zip(ANSWERS.names, answer, strict=True)) for answer in answers]
    ends = [dict(zip(PAIRS.names, pair, strict=True)) for pair in sorted(closed)]
    return Answered(pa.Table.from_pylist(rows, ANSWERS), pa.Table.from_pylist(ends, PAIRS))


def _verdict(each: Decision, matches: dict[str, Decision]) -> tuple[bool | None, Decision | None]:
    """Return whether a decision says that two are one (None: it can't tell), and the decision that names the two."""
    if each.verb == "merge":
        return True, each
    if each.verb in ("split", "doubt"):
        return (False if each.verb == "split" else None), each
    return False, matches.get(each.object) if each.verb in ("undo", "cut") else None


def _between(known: Clusters, one: int, other: int) -> Iterator[int]:
    """Yield the two people an answer is about; where they are one by now, the codes that it named."""
    people = int(known.person[one]), int(known.person[other])
    yield from people if people[0] != people[1] else (one, other)
