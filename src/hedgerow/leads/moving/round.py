"""A round: whoever has to be looked at is, and each gets the one change it needs next; the mill turns until none is."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.charter import Charter
from hedgerow.kit import clock
from hedgerow.leads.change import Change, Write, becomes, change, instant
from hedgerow.leads.current import LEADS, keep
from hedgerow.leads.force import InForce, in_force
from hedgerow.leads.knowing import rules_of_traits
from hedgerow.leads.knowing.instants import NEVER
from hedgerow.leads.moving.affected import affected
from hedgerow.leads.moving.looking import Looked, look, members_of
from hedgerow.leads.moving.memory import Memory, recall, remember
from hedgerow.leads.moving.routing import Router
from hedgerow.leads.moving.rules import ceded, next_change, rank
from hedgerow.leads.state import latest_at, states
from hedgerow.ledger import OWN, Touch, Workspace
from hedgerow.people import Clusters, clusters

I64 = NDArray[np.int64]
_TOGETHER = 10_000
"""Leads whose changes are made together: a first look may be at a million."""


def decide_leads(workspace: Workspace, write: Write) -> int:
    """Look at whom something new concerns, and write down what the charter in force makes of them.

    Returns how many leads are to change: what is written has to go through the mill, and then this be asked again
    until none is. Without a charter in force there are no leads.
    """
    force = in_force(workspace)
    if force is None:
        return 0
    upto, rests_on = workspace.version, _rests_on(workspace, force)
    at = max(clock.microseconds(clock.now()), latest_at(workspace))
    memory = recall(workspace, rests_on)
    workspace.derived.ensure(LEADS)
    known = clusters(workspace)
    who = affected(workspace, known, memory, upto, at)
    if not len(who.members):
        return 0
    standing = states(workspace, who.leads)
    away = _away(known, standing)
    begins = _begins(force.charter, standing.filter(pa.array(~away)), who.fresh)
    looked = looked_at(workspace, force.charter, known, begins, who.members, at)
    changes = _decided(workspace, force.charter, looked, at, write)
    stays = np.array([name not in changes for name in looked.facts["identifier"].to_pylist()], bool)
    keep(workspace, _rows(looked).filter(pa.array(stays)))
    keep(workspace, _gone(known, standing.filter(pa.array(away))))
    remember(workspace, Memory(upto, rests_on, known.person))
    return len(changes)


def looked_at(workspace: Workspace, charter: Charter, known: Clusters, begins: pa.Table, codes: I64, at: int) -> Looked:
    """Return what there is to know at an instant of leads: `begins` has lead (codes) and begin (see `facts_of`).

    `codes` are all identifiers of their persons, others' too. The facts have the lead's `identifier` as well.
    """
    lead = begins["lead"].to_numpy().astype(np.int64)
    person, size = known.person[lead] if len(lead) else lead, len(lead)
    columns = {"row": np.arange(size), "lead": lead, "person": person, "instant": np.full(size, at)}
    pairs = pa.table({**columns, "begin": begins["begin"]})
    found = look(workspace, charter, pairs, members_of(known, lead, codes), at)
    named = workspace.engine.sql(
        "SELECT row, kind || ':' || value AS identifier FROM pairs JOIN identifiers ON code = lead ORDER BY row",
        pairs=pairs,
    )
    return Looked(found.facts.append_column("identifier", named["identifier"]), found.said, found.late, found.next_at)


def _rests_on(workspace: Workspace, force: InForce) -> str:
    masked = workspace.engine.masked()
    return f"leads 1, charter {force.digest}, {rules_of_traits(workspace)}, {workspace.settings.leads}, {masked}"


def _away(known: Clusters, standing: pa.Table) -> NDArray[np.bool_]:
    """Return which leads gave way to one that still is of the same person."""
    into = standing["ceded_to"].fill_null(-1).to_numpy()
    lead = standing["lead"].to_numpy()
    away: NDArray[np.bool_] = (into >= 0) & (known.person[np.maximum(into, 0)] == known.person[lead])
    return away


def _begins(charter: Charter, standing: pa.Table, fresh: I64) -> pa.Table:
    known = pc.is_in(standing["stage"], pa.array(list(charter.stages), pa.string()))
    begin = pc.if_else(known, pa.scalar(None, pa.string()), pa.scalar(charter.begin))
    stages = [*begin.to_pylist(), *[charter.begin] * len(fresh)]
    lead = np.concatenate([standing["lead"].to_numpy(), fresh]).astype(np.int64)
    return pa.table({"lead": lead, "begin": pa.array(stages, pa.string())})


def _decided(workspace: Workspace, charter: Charter, looked: Looked, at: int, write: Write) -> set[str]:
    """Write down the changes that leads need, and return which leads they change."""
    giving = dict(_giving_way(charter, looked, at))
    router = Router(workspace, charter, looked.facts)
    changes = chain(giving.values(), _changes(charter, looked, giving.keys(), at, router))
    changed = set[str]()
    while some := list(islice(changes, _TOGETHER)):
        change(charter, some, write)
        changed.update(each.lead for each in some)
    if notes := [note for place, each in giving.items() for note in _note(looked, place, each)]:
        write(notes)
    return changed


def _giving_way(charter: Charter, looked: Looked, at: int) -> Iterator[tuple[int, Change]]:
    """Yield the place and the change of every lead whose person has another one that stands."""
    person = looked.facts["person"].to_numpy()
    _, place, count = np.unique(person, return_inverse=True, return_counts=True)
    groups = defaultdict(list)
    for row in np.flatnonzero(count[place] > 1).tolist():
        groups[int(person[row])].append(row)
    for rows in groups.values():
        known = [(row, looked.facts.slice(row, 1).to_pylist()[0]) for row in rows]
        standing, *others = sorted(known, key=lambda each: rank(charter, each[1]))
        for row, lead in others:
            yield row, ceded(charter, lead, standing[1]["identifier"], at)


def _changes(charter: Charter, looked: Looked, but: Collection[int], at: int, router: Router) -> Iterator[Change]:
    places = _wanting(charter, looked, at)
    for start in range(0, len(places), _TOGETHER):
        some = places[start : start + _TOGETHER]
        rows, said = (table.take(pa.array(some)).to_pylist() for table in (looked.facts, looked.said))
        for place, row, verdict in zip(some.tolist(), rows, said, strict=True):
            if place not in but:
                found = next_change(charter, row, verdict, looked.late.get(place, []), at, router.find)
                if found:
                    yield found


def _wanting(charter: Charter, looked: Looked, at: int) -> I64:
    """Return the places of the leads that may need a change: the others stay as they are."""
    facts, said = looked.facts, looked.said
    valid = [p for team in charter.teams for p in (f"{team}\n{person}" for person in becomes(charter, team))]
    owner = pc.binary_join_element_wise(facts["team"], facts["owner"], "\n")
    asleep = pc.fill_null(pc.greater(facts["wake_at"].cast(pa.int64()), at), True)
    stays = pc.and_(pc.fill_null(pc.equal(facts["team"], said["owner"]), False), asleep)
    stays = pc.and_(stays, pc.fill_null(pc.is_in(owner, pa.array(valid, pa.string())), False))
    stays = pc.and_(stays, pc.equal(pc.list_value_length(said["lapsed"]), 0))
    for nothing in (facts["begin"], facts["ceded_to"], said["to"]):
        stays = pc.and_(stays, pc.is_null(nothing))
    wanting = ~stays.to_numpy()
    wanting[list(looked.late)] = True
    return np.flatnonzero(wanting)


def _note(looked: Looked, place: int, given: Change) -> Iterator[Touch]:
    """Yield the note that tells the owner of a lead that it gave way, where the other lead is somebody else's."""
    standing = looked.facts["identifier"].to_pylist().index(given.into)
    owner, theirs = (looked.facts["owner"][row].as_py() for row in (place, standing))
    if owner != theirs:
        yield Touch(
            occurred_at=instant(given.at),
            source=OWN,
            verb="note",
            actor=str(given.into),
            sender_id=f"{given.lead}#{given.then.step} note",
            title=f"For {owner}: {given.lead} is the same person as {given.into}",
            text=f"It goes on as one lead, with {theirs}, in the stage '{looked.facts['stage'][standing].as_py()}'.",
        )


def _rows(looked: Looked) -> pa.Table:
    columns = {}
    for field in LEADS.schema:
        if field.name == "next_at":
            columns[field.name] = pa.chunked_array([pa.array(looked.next_at)])
        elif field.name in _SAID:
            columns[field.name] = looked.said[field.name].cast(field.type)
        elif field.name in looked.facts.column_names:
            columns[field.name] = looked.facts[field.name].cast(field.type)
        elif field.name != "number":
            columns[field.name] = pa.nulls(len(looked.facts), field.type)
    return pa.table(columns)


_SAID = ("grade", "segment", "track", "clock", "due_at", "lapsed", "audiences", "meant", "suppressed")


def _gone(known: Clusters, standing: pa.Table) -> pa.Table:
    """Return the rows of leads that gave way: their state as it was, and no say of the charter."""
    size = len(standing)
    whose = {"person": known.person[standing["lead"].to_numpy()], "next_at": np.full(size, NEVER)}
    columns = {
        field.name: pa.array(whose[field.name])
        if field.name in whose
        else standing[field.name].cast(field.type)
        if field.name in standing.column_names
        else pa.nulls(size, field.type)
        for field in LEADS.schema
        if field.name != "number"
    }
    return pa.table(columns)
