"""Proposals: pairs of people who may be one, each with its reasons and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.people.matching.bar import TARGET, Learned
from hedgerow.people.matching.comparison import Comparison, comparison_shelf
from hedgerow.people.matching.groups import Claims, Joined, grouped, join
from hedgerow.people.matching.reading import prepared, regular, used
from hedgerow.people.matching.scoring.blocking import block
from hedgerow.people.matching.scoring.first import first_model
from hedgerow.people.matching.scoring.training import Model, parts, probabilities, train, weights
from hedgerow.people.matching.scoring.vectors import Floats, Vectors, vectors
from hedgerow.people.matching.verified import claims_of, linked_back

LEAST = -4.25
"""Pairs below this weight in bits, one in twenty, are not worth anybody's look."""

VERIFIED = 1000.0
"""The weight of verified evidence: more than any likeness."""

PAIRS = pa.schema(
    [("a", pa.int64()), ("b", pa.int64()), ("weight", pa.float64()), ("probability", pa.float64()),
     ("support", pa.float64()), ("decision", pa.string()), ("reason", pa.string())]
)  # fmt: skip
WATERFALL = pa.schema(
    [("a", pa.int64()), ("b", pa.int64()), ("comparison", pa.string()), ("level", pa.int8()),
     ("says", pa.string()), ("bits", pa.float64()), ("rarity", pa.float64()),
     ("m", pa.float64()), ("u", pa.float64())]
)  # fmt: skip


@dataclass(frozen=True)
class Proposals:
    """What matching found; it changes nothing by itself.

    `pairs` has a row a proposal, the strongest first: its own `weight` in bits with the `probability` of that, the
    `support` its groups were joined with, the `decision` (accepted, review or clash) and its `reason`. `waterfall`
    has a row for each comparison of a proposal that says something: the level reached, its sentence, and the bits
    it adds, of which `rarity` are for how rare the shared value is, the others log2(m / u): the shares of matching and
    of other pairs at that level. With the row "prior", which has neither, the bits sum to the weight.
    `groups` names for each person the smallest person of their group, by what is accepted.
    """

    pairs: pa.Table
    waterfall: pa.Table
    groups: pa.Table
    bar: float
    """The support in bits from which on pairs are accepted."""
    compared: int
    """How many pairs were compared."""
    block: int
    """How many people at most could share a value that brings them together."""
    prior: float
    """The probability that two people drawn at random are one."""


def propose(profiles: pa.Table, taught: Learned | None = None, target: float = TARGET) -> Proposals:
    """Return which rows of `profiles` may be one person, with reasons.

    A row is a person: `person` (an integer) and any of the columns of `reading.ONE` and `reading.MANY`. Nothing has
    to be labelled; `taught` is what answers on the review page have taught (`learned`), and `target` the precision
    that accepting by machine must have. The same profiles give the same proposals. Raises `HedgerowError` for
    columns that aren't known.
    """
    rows = regular(profiles)
    proofs = linked_back(profiles)
    comparisons = used(rows, comparison_shelf())
    person, claimed = np.sort(rows["person"].to_numpy()), claims_of(rows)
    if not comparisons:
        return _nothing(person, 0)
    con = duckdb.connect()
    try:
        con.register("derived", prepared(rows, comparisons))
        con.execute("CREATE TABLE prepared AS FROM derived")
        # A million profiles are half a gigabyte each way they are held.
        con.unregister("derived")
        del rows
        most = block(con, comparisons, proofs)
        pairs = con.sql("SELECT count(*) FROM candidates").fetchall()[0][0]
        if not pairs:
            return _nothing(person, most)
        known = vectors(con, comparisons, first_model(con, comparisons))
    finally:
        con.close()
    return _decided(person, claimed, known, comparisons, (taught or Learned(), target), (pairs, most))


def _decided(
    people: NDArray[np.int64], claimed: tuple[Claims, dict[str, str]], known: Vectors,
    comparisons: Mapping[str, Comparison], judged: tuple[Learned, float], compared: tuple[int, int],
) -> Proposals:  # fmt: skip
    model = train(known)
    weight = weights(known, model)
    proved = known.proved
    claims, sentences = claimed
    near = np.flatnonzero((weight > LEAST - 10) | proved)
    strength = np.where(proved, VERIFIED, weight)[near]
    joined = _spread(join(known.a[near], known.b[near], strength, claims, LEAST), near, len(weight))
    taught, target = judged
    bar = taught.bar(joined.support, target)
    decision, reason = _decisions(joined, weight, proved, bar, sentences)
    shown = np.flatnonzero(decision != "")
    shown = shown[np.lexsort((known.b[shown], known.a[shown], -weight[shown], ~proved[shown]))]
    accepted = decision == "accepted"
    columns = [known.a, known.b, weight, probabilities(weight), joined.support, decision, reason]
    return Proposals(
        pa.table([pa.array(column[shown]) for column in columns], schema=PAIRS),
        _waterfall(known, model, comparisons, shown),
        pa.table({"person": people, "group": grouped(people, known.a[accepted], known.b[accepted])}),
        bar, *compared, model.prior,
    )  # fmt: skip


def _spread(joined: Joined, near: NDArray[np.int64], count: int) -> Joined:
    support = np.full(count, np.nan)
    support[near] = joined.support
    return Joined(support, {int(near[place]): kind for place, kind in joined.clash.items()})


def _decisions(
    joined: Joined, weight: Floats, proved: NDArray[np.bool_], bar: float, sentences: Mapping[str, str]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    decision, reason = np.full(len(weight), "", object), np.full(len(weight), "", object)
    support = joined.support
    for where, said, why in (
        (weight >= 0, "review", "They are likely one person, but others they belong with are unlike: say which."),
        (support >= LEAST, "review", "They may be one person, but not surely enough for a machine: say whether."),
        (support >= bar, "accepted", "They and those they belong with are alike enough to be one person."),
        (proved & ~np.isnan(support), "accepted", "Their own pages link to each other."),
    ):
        decision[where], reason[where] = said, why
    for place, kind in joined.clash.items():
        decision[place], reason[place] = "clash", sentences[kind]
    return decision, reason


def _waterfall(
    known: Vectors, model: Model, comparisons: Mapping[str, Comparison], shown: NDArray[np.int64]
) -> pa.Table:
    prior = np.full(len(shown), np.log2(model.prior / (1 - model.prior)))
    told = [
        _rows(known, shown, "prior", np.zeros(len(shown), np.int8), ["What two people drawn at random are."], prior)
    ]
    bits = parts(known, model)
    for name, comparison in comparisons.items():
        stated = shown[known.level[name][shown] >= 0]
        says = [comparison.otherwise, *(level.says for level in reversed(comparison.levels))]
        shares = (model.m[name], model.u[name])
        told.append(_rows(known, stated, name, known.level[name][stated], says, bits[name][stated], shares))
    return pa.concat_tables(told).sort_by([("a", "ascending"), ("b", "ascending"), ("bits", "descending")])


def _rows(
    known: Vectors, at: NDArray[np.int64], name: str, level: NDArray[np.int8], says: list[str], bits: Floats,
    shares: tuple[Floats, Floats] | None = None,
) -> pa.Table:  # fmt: skip
    rarity = known.rarity[name][at] if name in known.rarity else np.zeros(len(at))
    said = pa.array(says, pa.string()).take(pa.array(level))
    m, u = (each[level] for each in shares) if shares else (pa.nulls(len(at), pa.float64()),) * 2
    columns = [known.a[at], known.b[at], pa.repeat(name, len(at)), level, said, bits, rarity, m, u]
    return pa.table([pa.array(column) for column in columns], schema=WATERFALL)


def _nothing(person: NDArray[np.int64], most: int) -> Proposals:
    return Proposals(
        PAIRS.empty_table(),
        WATERFALL.empty_table(),
        pa.table({"person": person, "group": person}),
        np.inf,
        0,
        most,
        0.0,
    )
