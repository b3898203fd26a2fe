"""Deciding: what a person says of who is who, written as a touch once it was looked at from all sides."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.ledger import OWN, Touch, Workspace
from hedgerow.people.asking.person import identifiers, summaries
from hedgerow.people.clusters import Clusters, clusters, suppose
from hedgerow.people.consents import consents
from hedgerow.people.decisions import Decision, decisions, in_force, weighed
from hedgerow.people.kinds import LAW, Law
from hedgerow.people.profiles import fields


@dataclass(frozen=True)
class Preview:
    """What a decision would change: the people there are and those there would be, each a dict with its person id,
    identifiers, touches, deals, accounts, refused (purposes) and profile."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    takes_back: list[Decision]
    """Splits that a merge would take back."""


@dataclass(frozen=True)
class Plan:
    """A decision that was not written yet, and what it would change."""

    touches: tuple[Touch, ...]
    preview: Preview


def plan_merge(workspace: Workspace, one: str, other: str, by: str, reason: str, support: float | None = None) -> Plan:
    """Return what making one person of two would write and change.

    `one` and `other` are identifiers of theirs; the merge names all else that evidence says is theirs, so that what
    told the two apart no longer does. It takes back the splits made between them for as long as it stands. `support`
    is, in bits, what they were proposed with, where it answers a proposal. Raises `HedgerowError` where somebody is
    unknown, they are one person already, an identifier stands for many people, or there is no reason.
    """
    _reasoned(reason)
    known = clusters(workspace)
    first, second = _code(workspace, one), _code(workspace, other)
    if known.person[first] == known.person[second]:
        raise HedgerowError(f"{one} and {other} are one person already: there is nothing to merge.")
    made = decisions(workspace)
    apart = [each for each in in_force(made) if each.verb == "split" and _parts(each, known, first, second)]
    said = _shown_with(support) | ({"despite": [each.touch_id for each in apart]} if apart else {})
    # What other merges brought is theirs too, but would outlive the undoing of those: it is named only if it has to be.
    for who in (suppose(workspace, weighed(workspace, [each for each in made if each.verb != "merge"])), known):
        sides = [_told_by(workspace, who, code) for code in (first, second)]
        names = {next(iter(side)): side[next(iter(side))] for side in sides} | sides[0] | sides[1]
        actor, *claims = names
        merging = _touch("merge", by, reason, actor, tuple(claims), one=[*sides[0]], **said)
        after = suppose(workspace, weighed(workspace, [*made, _supposed(merging, tuple(names.values()))]))
        if len(np.unique(after.person[np.isin(known.person, known.person[[first, second]])])) == 1:
            break
    return Plan((merging,), _preview(workspace, {first, second}, after, apart))


def plan_split(workspace: Workspace, apart: Collection[str], by: str, reason: str) -> Plan:
    """Return what taking the identifiers `apart` out of their person would write and change.

    The two are never made one by a machine again, and both keep what was refused. Raises `HedgerowError` where
    the identifiers are nobody's, not one person's, or all of theirs, or there is no reason.
    """
    _reasoned(reason)
    known = clusters(workspace)
    codes = {name: _code(workspace, name) for name in apart}
    people = {int(known.person[code]) for code in codes.values()}
    if len(people) != 1:
        raise HedgerowError("Those identifiers are not one person's: choose some of one person.")
    person = people.pop()
    everything = identifiers(workspace, [person])
    rest = [each["name"] for each in everything if each["code"] not in codes.values()]
    if not rest:
        raise HedgerowError("Those are all identifiers of the person: leave at least one.")
    names = [*sorted(codes), *rest]
    refused = _refused(workspace, person)
    touch = _touch("split", by, reason, names[0], tuple(names[1:]), apart=sorted(codes), refused=refused)
    of = {each["name"]: each["code"] for each in everything} | codes
    extra = _supposed(touch, tuple(of[name] for name in names))
    after = suppose(workspace, weighed(workspace, [*decisions(workspace), extra]))
    return Plan((touch,), _preview(workspace, set(of.values()), after, []))


def plan_apart(workspace: Workspace, one: str, other: str, by: str, reason: str, support: float | None = None) -> Plan:
    """Return what saying that two people are not one would write: no machine ever makes them one.

    `support` is, in bits, what they were proposed with, where it answers a proposal.

    Raises `HedgerowError` where somebody is unknown, or they are one person, who can be split.
    """
    _reasoned(reason)
    known = clusters(workspace)
    first, second = (int(known.person[_code(workspace, name)]) for name in (one, other))
    if first == second:
        raise HedgerowError(f"{one} and {other} are one person: split them on their page.")
    left, right = identifiers(workspace, [first]), identifiers(workspace, [second])
    names = [each["name"] for each in (*left, *right)]
    parted = {"apart": sorted(each["name"] for each in left)} | _shown_with(support)
    touch = _touch("split", by, reason, names[0], tuple(names[1:]), **parted)
    extra = _supposed(touch, tuple(each["code"] for each in (*left, *right)))
    after = suppose(workspace, weighed(workspace, [*decisions(workspace), extra]))
    return Plan((touch,), _preview(workspace, set(extra.codes), after, []))


def plan_doubt(
    workspace: Workspace, one: str, other: str, by: str, reason: str = "", support: float | None = None
) -> Plan:
    """Return what saying that nobody can tell would write; it changes nobody, and they are not proposed again.

    `support` is, in bits, what they were proposed with. Raises `HedgerowError` where somebody is unknown.
    """
    codes = (_code(workspace, one), _code(workspace, other))
    touch = _touch("doubt", by, reason, one, (other,), **_shown_with(support))
    return Plan((touch,), _preview(workspace, set(codes), clusters(workspace), []))


def plan_cut(workspace: Workspace, touch_id: str, one: str, other: str, by: str, reason: str) -> Plan:
    """Return what taking a piece of evidence out of force would write and change: what a touch says of two
    identifiers. Raises `HedgerowError` where no touch says that of them, or there is no reason."""
    _reasoned(reason)
    known = clusters(workspace)
    first, second = _code(workspace, one), _code(workspace, other)
    low, high = sorted((first, second))
    found = workspace.engine.sql(
        f"SELECT says FROM evidence WHERE a = {low} AND b = {high} AND touch_id IN (SELECT touch_id FROM asked)",
        asked=pa.table({"touch_id": [touch_id]}),
    )
    if not len(found):
        raise HedgerowError(f"No touch {touch_id} says that {one} and {other} are one person's: look it up again.")
    refused = _refused(workspace, int(known.person[first]))
    touch = _touch("cut", by, reason, one, (other,), object=f"touch:{touch_id}", refused=refused)
    extra = _supposed(touch, (first, second))
    after = suppose(workspace, weighed(workspace, [*decisions(workspace), extra]))
    return Plan((touch,), _preview(workspace, {first, second}, after, []))


def plan_undo(workspace: Workspace, touch_id: str, by: str, reason: str) -> Plan:
    """Return what taking back a decision would write and change; an undo can be taken back as well.

    Those who part keep what was refused since they were made one. Raises `HedgerowError` where there is no such
    decision, or it was taken back.
    """
    _reasoned(reason)
    made = decisions(workspace)
    found = [each for each in made if each.touch_id == touch_id] or _match(workspace, touch_id)
    if not found:
        raise HedgerowError(f"No decision has the id {touch_id}: look it up on the person's page.")
    if found[0] in made and found[0] not in in_force(made):
        raise HedgerowError("That decision was taken back already: undo its undo to have it again.")
    every = sorted([*made, *found], key=lambda each: (each.at, each.touch_id)) if found[0] not in made else made
    told = ("undo", by, reason, found[0].names[0], found[0].names[1:], f"touch:{touch_id}")
    after = suppose(workspace, weighed(workspace, [*every, _supposed(_touch(*told), found[0].codes)]))
    parted = _divided(clusters(workspace), after, found[0].codes)
    touch = _touch(*told, refused=_refused_since(workspace, found[0]) if parted else [])
    return Plan((touch,), _preview(workspace, set(found[0].codes), after, []))


def edit(workspace: Workspace, person: int, field: str, value: str, by: str) -> None:
    """Set a field of a person's profile by hand; empty text empties it. It wins over what any source states.

    Raises `HedgerowError` for a field there is none of, a person without identifiers, or text that is too long.
    """
    if field not in fields():
        raise HedgerowError(f"A profile has no field '{field}'.{nearest(field, fields())}")
    if len(value) > 4_000:
        raise HedgerowError("That is longer than 4,000 characters: shorten it.")
    names = [each["name"] for each in identifiers(workspace, [person])]
    if not names:
        raise HedgerowError(f"Nobody is person {person}: look for them again.")
    write(workspace, [_touch("edit", by, "", names[0], tuple(names[1:]), field=field, value=value.strip())])


def write(workspace: Workspace, touches: Collection[Touch]) -> None:
    """Write decisions down, as one; the mill applies them."""
    workspace.inbox.accept(tuple(touches))


def _code(workspace: Workspace, name: str) -> int:
    kind, _, value = name.strip().partition(":")
    rows = workspace.engine.sql(
        f"SELECT code, ({LAW})::INTEGER AS law FROM identifiers WHERE (kind, value) IN (SELECT kind, value FROM asked)",
        asked=pa.table({"kind": [kind.lower()], "value": [value.lower() if kind.lower() == "email" else value]}),
    ).to_pylist()
    if not rows:
        raise HedgerowError(f"Nobody is known by {name}: check how it is written, kind:value.")
    if rows[0]["law"] == Law.SHARED:
        raise HedgerowError(f"{name} stands for many people: name somebody by what is theirs alone.")
    return int(rows[0]["code"])


def _told_by(workspace: Workspace, known: Clusters, code: int) -> dict[str, int]:
    """Return an identifier and the others of its person that could tell them from somebody, by name, with its code."""
    mine = {each["name"]: each for each in identifiers(workspace, [int(known.person[code])], known)}
    first = {name: code for name, each in mine.items() if each["code"] == code}
    return first | {name: each["code"] for name, each in mine.items() if each["law"] >= Law.SEVERAL}


def _shown_with(support: float | None) -> dict[str, Any]:
    return {} if support is None else {"support": support}


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise HedgerowError("There is no reason: say in a few words how you know.")
    if len(reason) > 1_000:
        raise HedgerowError("The reason is longer than 1,000 characters: shorten it.")


def _parts(split: Decision, known: Clusters, first: int, second: int) -> bool:
    one, other = ({int(known.person[code]) for code in side} for side in split.sides)
    people = int(known.person[first]), int(known.person[second])
    return (people[0] in one and people[1] in other) or (people[1] in one and people[0] in other)


def _divided(before: Clusters, after: Clusters, codes: Collection[int]) -> bool:
    """Return whether any person of these codes is several afterwards."""
    mine = np.isin(before.person, before.person[list(codes)])
    return len(np.unique(np.stack([before.person[mine], after.person[mine]]), axis=1).T) > len(
        np.unique(before.person[mine])
    )


def _touch(
    verb: str, by: str, reason: str, actor: str, claims: tuple[str, ...] = (), object: str | None = None, **said: Any
) -> Touch:
    properties = {"by": by} | ({"reason": reason.strip()} if reason.strip() else {}) | said
    return Touch(
        occurred_at=clock.now(), source=OWN, verb=verb, actor=actor, claims=claims, object=object,
        sender_id=f"{verb}:{token_hex(16)}", properties=json.dumps(properties, ensure_ascii=False),
    )  # fmt: skip


def _supposed(touch: Touch, codes: tuple[int, ...]) -> Decision:
    said = json.loads(touch.properties or "{}")
    names = (touch.actor, *touch.claims) if codes else ()
    id = touch.sender_id or ""
    return Decision(
        id, touch.occurred_at, touch.verb, said["by"], said.get("reason", ""), names, codes, touch.object or "", said
    )


def _match(workspace: Workspace, touch_id: str) -> list[Decision]:
    return [each for each in decisions(workspace, touch_id) if each.touch_id == touch_id and each.verb == "match"]


def _refused(workspace: Workspace, person: int) -> list[str]:
    rows = consents(workspace, pa.array([person])).to_pylist()
    return [row["purpose"] for row in rows if not row["given"]]


def _refused_since(workspace: Workspace, uniting: Decision) -> list[str]:
    rows = consents(workspace, pa.array([int(clusters(workspace).person[uniting.codes[0]])])).to_pylist()
    return [row["purpose"] for row in rows if not row["given"] and row["said_at"] >= uniting.at]


def _preview(workspace: Workspace, codes: set[int], after: Clusters, takes_back: list[Decision]) -> Preview:
    before = clusters(workspace)
    concerned = np.flatnonzero(np.isin(before.person, before.person[list(codes)]))
    return Preview(
        summaries(workspace, before, {int(person) for person in before.person[concerned]}),
        summaries(workspace, after, {int(person) for person in after.person[concerned]}),
        takes_back,
    )
