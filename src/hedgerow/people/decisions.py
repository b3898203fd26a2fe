"""Decisions: what people said of who is who, and what of it is in force: whatever was undone is as if never said."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit.clock import instant
from hedgerow.ledger import Workspace
from hedgerow.people.evidence import DECISIONS

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Apart:
    """What was said of two groups of identifiers: they are not one person. (m,) `code` stands on `side` 0 or 1."""

    code: I64
    side: I64

    def within(self, place: I64) -> "Apart":
        """Return it with the places of those codes that have one."""
        at = place[self.code]
        return Apart(at[at >= 0], self.side[at >= 0])


@dataclass(frozen=True)
class Decision:
    """A decision: its touch, when and by whom it was made and why, and the identifiers it is about."""

    touch_id: str
    at: datetime
    verb: str
    said_by: str
    reason: str
    names: tuple[str, ...]
    codes: tuple[int, ...]
    object: str
    properties: dict[str, Any]

    @property
    def sides(self) -> tuple[frozenset[int], frozenset[int]]:
        """The codes of the two that a split tells apart, or a merge makes one."""
        told = set(self.properties.get("apart" if self.verb == "split" else "one", self.names[:1]))
        one = frozenset(code for name, code in zip(self.names, self.codes, strict=True) if name in told)
        return one, frozenset(self.codes) - one

    @property
    def tied(self) -> tuple[int, ...]:
        """The codes that a merge ties, the first of each side; a side that was erased leaves none to tie."""
        sides = self.sides
        return tuple(next(code for code in self.codes if code in side) for side in sides) if all(sides) else ()


@dataclass(frozen=True)
class Decided:
    """What is in force: the ids of its touches, what people said is one, what evidence is cut, who is apart."""

    names: tuple[str, ...]
    sure_a: I64
    sure_b: I64
    dead: NDArray[np.int64]
    apart: Sequence[Apart]
    about: tuple[tuple[int, ...], ...] = ()
    """The codes each of `names` is about."""

    alike: I64 = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    """(k, 2) codes that tell nobody apart from each other: those of the two whom a merge made one."""

    def kills(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which pairs have no evidence left that is in force."""
        if not len(self.dead):
            return np.zeros(len(a), bool)
        return np.isin(_pair(a, b), _pair(self.dead[:, 0], self.dead[:, 1]))

    def named(self, other: "Decided") -> I64:
        """Return the codes that decisions in force here, and not there, are about."""
        there = set(other.names)
        found = [codes for name, codes in zip(self.names, self.about, strict=True) if name not in there]
        return np.array(sorted({code for codes in found for code in codes}), np.int64)

    def sure_within(self, place: I64) -> tuple[I64, I64]:
        """Return what people said is one among the codes that have a place."""
        a, b = place[self.sure_a], place[self.sure_b]
        return a[a >= 0], b[a >= 0]

    def alike_within(self, place: I64) -> I64:
        """Return what tells nobody apart among the codes that have a place."""
        return placed(self.alike, place)

    def apart_within(self, place: I64) -> list[Apart]:
        """Return who is apart among the codes that have a place."""
        placed = (each.within(place) for each in self.apart)
        return [each for each in placed if len(np.unique(each.side)) == 2]


def decisions(workspace: Workspace, match: str = "") -> list[Decision]:
    """Return what was decided, in its order, undone or not.

    There may be very many matches: among it are only those that somebody took back or cut, and the one asked for.
    """
    workspace.derived.ensure(DECISIONS)
    rows = workspace.engine.sql(
        "SELECT touch_id, epoch_us(occurred_at) AS instant, verb, said_by, reason, names, codes, object, properties "
        "FROM decisions WHERE verb <> 'match' OR touch_id IN (SELECT touch_id FROM asked) OR 'touch:' || touch_id IN "
        "(SELECT object FROM decisions WHERE verb IN ('undo', 'cut')) ORDER BY occurred_at, touch_id",
        asked=pa.table({"touch_id": [match]}),
    ).to_pylist()
    return [_decision(row) for row in rows]


def in_force(made: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that nothing in force takes back: no undo, and of splits no merge made despite them."""
    undone: set[str] = set()
    for decision in reversed(made):
        if decision.touch_id not in undone:
            undone.update(decision.properties.get("despite", ()))
            undone.update([decision.object.removeprefix("touch:")] if decision.verb == "undo" else [])
    return [decision for decision in made if decision.touch_id not in undone]


def decided(workspace: Workspace) -> Decided:
    """Return what is in force of all that was decided."""
    return weighed(workspace, decisions(workspace))


def weighed(workspace: Workspace, made: Sequence[Decision]) -> Decided:
    """Return what would be in force if this were all that was decided, in its order."""
    force = in_force(made)
    standing = {each.touch_id for each in force}
    splits = [each for each in force if each.verb == "split"]
    merges = [each for each in force if each.verb == "merge" and not _split_later(each, splits)]
    cuts = [each for each in force if each.verb == "cut"]
    off = [each for each in made if each.verb == "match" and each.touch_id not in standing]
    pairs = np.array([each.tied for each in merges if each.tied], np.int64).reshape(-1, 2)
    alike = [(each.codes[0], code) for each in merges for code in each.codes[1:]]
    counted = [*merges, *splits, *cuts, *off]
    return Decided(
        tuple(each.touch_id for each in counted),
        pairs[:, 0],
        pairs[:, 1],
        _dead(workspace, off, cuts),
        [_apart(*each.sides) for each in splits],
        tuple(each.codes for each in counted),
        np.array(alike, np.int64).reshape(-1, 2),
    )


def _decision(row: dict[str, Any]) -> Decision:
    return Decision(
        row["touch_id"], instant(row["instant"]), row["verb"], row["said_by"], row["reason"] or "", tuple(row["names"]),
        tuple(row["codes"]), row["object"] or "", json.loads(row["properties"] or "{}"),
    )  # fmt: skip


def _split_later(merge: Decision, splits: Iterable[Decision]) -> bool:
    """Return whether somebody said later that what a merge ties are two people."""
    tied = set(merge.tied)
    return any(split.at >= merge.at and all(tied & side for side in split.sides) for split in splits)


def _apart(one: frozenset[int], other: frozenset[int]) -> Apart:
    codes, sides = [*sorted(one), *sorted(other)], [0] * len(one) + [1] * len(other)
    return Apart(np.array(codes, np.int64), np.array(sides, np.int64))


def _dead(workspace: Workspace, off: Sequence[Decision], cuts: Sequence[Decision]) -> NDArray[np.int64]:
    """Return (k, 2) the pairs of which every piece of evidence is cut or taken back."""
    if not off and not cuts:
        return np.zeros((0, 2), np.int64)
    rows: list[tuple[str, int | None, int | None]] = [(each.touch_id, None, None) for each in off]
    rows += [(each.object.removeprefix("touch:"), min(each.codes), max(each.codes)) for each in cuts]
    out = pa.Table.from_pylist([dict(zip(("touch_id", "a", "b"), row, strict=True)) for row in rows], _OUT)
    dead = workspace.engine.sql(
        "WITH gone AS (SELECT e.touch_id, e.a, e.b FROM evidence e JOIN out o ON e.touch_id = o.touch_id "
        "AND (o.a IS NULL OR (o.a = e.a AND o.b = e.b))) "
        "SELECT e.a, e.b FROM evidence e SEMI JOIN gone USING (a, b) WHERE says <> 'human' GROUP BY ALL "
        "HAVING bool_and((e.touch_id, e.a, e.b) IN (SELECT (touch_id, a, b) FROM gone))",
        out=out,
    )
    return np.stack([dead["a"].to_numpy(), dead["b"].to_numpy()], 1).astype(np.int64)


_OUT = pa.schema([("touch_id", pa.string()), ("a", pa.int64()), ("b", pa.int64())])


def placed(pairs: I64, place: I64) -> I64:
    """Return (k, 2) the places of those pairs of codes of which both have one."""
    found: I64 = place[pairs]
    return found[(found >= 0).all(axis=1)]


def _pair(a: NDArray[Any], b: NDArray[Any]) -> I64:
    paired: I64 = (a.astype(np.int64) << 32) | b.astype(np.int64)
    return paired
