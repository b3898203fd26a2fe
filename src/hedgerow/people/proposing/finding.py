"""Finding: profiles matched; what is above the bar becomes matches, the rest is kept to be asked of a person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from hedgerow.kit import clock
from hedgerow.ledger import OWN, Touch, Workspace
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.evidence import TABLES
from hedgerow.people.matching import Learned, Proposals, propose, review
from hedgerow.people.matching.proposals import PAIRS
from hedgerow.people.profiles import STATED
from hedgerow.people.proposing.answers import Answered, answered
from hedgerow.people.proposing.candidates import UNIQUE, candidates, mine
from hedgerow.people.proposing.proposed import PROPOSALS

BY = "matching"
"""Who a match is said by."""

_LEAST_CHANGED = 50
_SHARE_CHANGED = 0.02
_KEPT_APART = "Others of their group are known to be two people, so no machine may join them."

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class _Found:
    """`pairs` and `why` (texts in JSON) have a row a proposal that is still open; `join` names the places of those a
    machine may join, and `name` (by person) the code of the identifier that is most theirs."""

    pairs: pa.Table
    why: Sequence[str]
    join: Codes
    name: dict[int, int]
    taught: Learned


def find_matches(workspace: Workspace) -> list[Touch]:
    """Return the matches that the profiles give and that were not made before, the strongest first.

    What is not sure enough is kept as a proposal, in place of those kept before. Nothing is written to the ledger.
    """
    found = _find(workspace)
    _keep(workspace, found)
    return _touches(workspace, found)


def keep_proposals(workspace: Workspace) -> None:
    """Make the proposals anew from the ledger as it is, joining nobody."""
    _keep(workspace, _find(workspace))


def matching_due(workspace: Workspace) -> bool:
    """Return whether so many profiles are new since the last matching that another is worth it: 50, and one in 50."""
    for kind in (STATED, PROPOSALS):
        workspace.derived.ensure(kind)
    changed, all = workspace.engine.sql(
        f"SELECT count(DISTINCT code) FILTER (turn > {workspace.derived.turn(PROPOSALS.name)}) AS changed, "
        "count(DISTINCT code) AS all_of_them FROM stated"
    ).to_pylist()[0].values()  # fmt: skip
    return bool(changed >= max(_LEAST_CHANGED, _SHARE_CHANGED * all))


def _find(workspace: Workspace) -> _Found:
    known = clusters(workspace)
    people, said = candidates(workspace, known), answered(workspace, known)
    taught = review(PAIRS.empty_table(), said.answers).taught
    found = propose(people.drop_columns(["name"]), taught)
    open_ = np.flatnonzero(~_within(found.pairs, _closed(workspace, known, said)))
    held = _held_apart(workspace, known, found, said)
    group = dict(zip(*(found.groups[name].to_pylist() for name in ("person", "group")), strict=True))
    pairs = found.pairs.take(pa.array(open_))
    apart = np.array([group[a] in held for a in pairs["a"].to_pylist()], bool)
    accepted = pc.equal(pairs["decision"], "accepted").to_numpy(zero_copy_only=False)
    name = dict(zip(people["person"].to_pylist(), people["name"].to_pylist(), strict=True))
    pairs = _withheld(pairs, accepted & apart)
    return _Found(pairs, _whys(found, pairs), _tree(pairs, np.flatnonzero(accepted & ~apart)), name, taught)


def _within(pairs: pa.Table, closed: set[tuple[int, int]]) -> NDArray[np.bool_]:
    ends = zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True)
    return np.array([pair in closed for pair in ends], bool)


def _closed(workspace: Workspace, known: Clusters, said: Answered) -> set[tuple[int, int]]:
    """Return the people, a before b, of whom nothing is to be proposed: what was answered, or matched to no avail."""
    ends = workspace.engine.sql("SELECT DISTINCT a, b FROM evidence WHERE says = 'match'")
    matched = np.sort(np.stack([known.person[ends[side].to_numpy()] for side in "ab"], 1), axis=1)
    answers = zip(said.closed["a"].to_pylist(), said.closed["b"].to_pylist(), strict=True)
    return {(int(a), int(b)) for a, b in matched if a != b} | set(answers)


def _held_apart(workspace: Workspace, known: Clusters, found: Proposals, said: Answered) -> set[int]:
    """Return the groups that hold two people who are known to be two, or of whom somebody could not tell."""
    rows = workspace.engine.sql(
        f'WITH sole AS ({UNIQUE}), grouped AS (SELECT person, "group" AS of_group FROM groups) '
        "SELECT of_group FROM sole JOIN grouped USING (person) GROUP BY of_group, kind "
        "HAVING count(DISTINCT person) > 1 "
        "UNION SELECT x.of_group FROM closed JOIN grouped x ON x.person = a JOIN grouped y ON y.person = b "
        "WHERE x.of_group = y.of_group",
        mine=mine(known), groups=found.groups, closed=said.closed,
    )  # fmt: skip
    return set(rows["of_group"].to_pylist())


def _withheld(pairs: pa.Table, held: NDArray[np.bool_]) -> pa.Table:
    for name, told in (("decision", "clash"), ("reason", _KEPT_APART)):
        column = pc.if_else(pa.array(held), told, pairs[name])
        pairs = pairs.set_column(pairs.column_names.index(name), name, column)
    return pairs


def _tree(pairs: pa.Table, places: Codes) -> Codes:
    """Return which of the accepted pairs, the strongest first, tie each group, none in a circle: undoing one parts."""
    people, ends = np.unique(np.stack([pairs[side].to_numpy()[places] for side in "ab"]), return_inverse=True)
    ends = ends.reshape(2, -1)
    shape = (len(people), len(people))
    if not len(places):
        return places
    tree = minimum_spanning_tree(coo_array((np.arange(1.0, len(places) + 1), tuple(ends)), shape=shape).tocsr())
    kept: Codes = places[np.sort(tree.data.astype(np.int64)) - 1]
    return kept


def _whys(found: Proposals, pairs: pa.Table) -> list[str]:
    """Return the waterfall of each pair in JSON, what speaks for it first."""
    told: dict[tuple[int, int], list[dict[str, object]]] = {}
    wanted = set(zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True))
    for row in found.waterfall.to_pylist():
        if (pair := (row.pop("a"), row.pop("b"))) in wanted:
            told.setdefault(pair, []).append(row)
    ends = zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True)
    return [json.dumps(told[pair]) for pair in ends]


def _keep(workspace: Workspace, found: _Found) -> None:
    """Put what is open, and is not to be joined now, in place of the proposals kept before."""
    rest = np.setdiff1d(np.flatnonzero(pc.not_equal(found.pairs["decision"], "accepted")), found.join)
    pairs = found.pairs.take(pa.array(rest))
    turn = min(workspace.derived.turn(kind.name) for kind in TABLES)
    names = {side: [found.name[person] for person in pairs[side].to_pylist()] for side in "ab"}
    rows = pa.table(
        [
            names["a"], names["b"], *(_stated(pairs[name]) for name in PROPOSALS.schema.names[2:7]),
            pa.array([found.why[place] for place in rest], pa.string()), pa.repeat(turn, len(pairs)),
        ],
        schema=PROPOSALS.schema,
    )  # fmt: skip
    with workspace.held(600):
        workspace.derived.ensure(PROPOSALS)
        workspace.derived.replace(PROPOSALS.name, rows, turn)


def _stated(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with nothing where it holds what is not a number."""
    return pc.if_else(pc.is_finite(column), column, None) if pa.types.is_floating(column.type) else column


def _touches(workspace: Workspace, found: _Found) -> list[Touch]:
    pairs = found.pairs.take(pa.array(found.join)).to_pylist()
    ends = [(found.name[row["a"]], found.name[row["b"]]) for row in pairs]
    names = dict(
        zip(*workspace.engine.sql(
            "SELECT code, kind || ':' || value AS name FROM identifiers SEMI JOIN asked USING (code)",
            asked=pa.table({"code": pa.array([code for pair in ends for code in pair], pa.int64())}),
        ).to_pydict().values(), strict=True)
    )  # fmt: skip
    at = clock.now()
    sure = found.taught.probability(np.array([row["support"] for row in pairs], float))
    return [
        Touch(
            occurred_at=at, source=OWN, verb="match", actor=names[one], claims=(names[other],),
            sender_id=f"match:{names[one]} {names[other]}",
            properties=_properties(row, float(probability), found.why[place]),
        )
        for row, (one, other), probability, place in zip(pairs, ends, sure, found.join, strict=True)
    ]  # fmt: skip


def _properties(row: dict[str, object], probability: float, why: str) -> str:
    said = {name: row[name] for name in ("weight", "support")}
    told = {"by": BY, "probability": round(probability, 6), "reason": row["reason"], **said, "why": json.loads(why)}
    return json.dumps(told)
