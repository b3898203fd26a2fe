"""Reviewing: which proposals to ask a person about next, and what the answers so far settle and teach."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.kit import HedgerowError
from hedgerow.people.matching.bar import TARGET, Answer, Learned, learned
from hedgerow.people.matching.groups import grouped
from hedgerow.people.matching.scoring.vectors import Floats

Codes = NDArray[np.int64]

ANSWERS = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("same", pa.bool_()), ("support", pa.float64())])
"""What people answered, in the order they did: of the two people a and b, with the support they were shown at."""

QUEUE = pa.schema(
    [("a", pa.int64()), ("b", pa.int64()), ("weight", pa.float64()), ("support", pa.float64()),
     ("probability", pa.float64()), ("settles", pa.int64()), ("gain", pa.float64())]
)  # fmt: skip

APART = pa.schema([("a", pa.int64()), ("b", pa.int64())])


@dataclass(frozen=True)
class Review:
    """What is to be asked, and what was learned.

    `queue` has a row a question, the one that tells most first: the `probability` that answers so far give a yes,
    how many pairs of people an answer `settles`, and its `gain`, the bits of doubt it takes away. `apart` has the
    pairs (a before b) that were last answered to be two people, never to be joined again. `taught` is for
    `propose`, and `bar` the support from which it will accept.
    """

    queue: pa.Table
    apart: pa.Table
    taught: Learned
    bar: float


def review(pairs: pa.Table, answers: pa.Table, target: float = TARGET) -> Review:
    """Return what to ask of the proposals `pairs` (as in `Proposals`) after `answers` (`ANSWERS`).

    The last answer about two people holds. What is answered is not asked again, nor what follows from it: whoever
    is one with somebody is one with all of theirs, and apart from all they are apart from. Of several proposals
    between the same two groups of people the likeliest is asked. Raises `HedgerowError` where an answer is about
    one person only.
    """
    last = _last(answers)
    a, b, same, support = (last[name].to_numpy(zero_copy_only=False) for name in ANSWERS.names)
    if (a == b).any():
        raise HedgerowError(f"Person {a[a == b][0]} was compared with themselves: answer about two people.")
    known = np.isfinite(support)
    taught = learned([Answer(float(s), bool(y)) for s, y in zip(support[known], same[known], strict=True)])
    queue = _queue(pairs, last, taught)
    apart = pa.table([a[~same], b[~same]], schema=APART)
    return Review(queue, apart, taught, taught.bar(_numbers(pairs["support"]), target))


def _last(answers: pa.Table) -> pa.Table:
    """Return the last answer about each two people, a before b."""
    low, high = pc.min_element_wise(answers["a"], answers["b"]), pc.max_element_wise(answers["a"], answers["b"])
    ordered = pa.table([low, high, answers["same"], answers["support"]], schema=ANSWERS)
    place = ordered.append_column("place", pa.array(np.arange(len(ordered))))
    last = place.group_by(["a", "b"]).aggregate([("place", "max")])["place_max"]
    return ordered.take(np.sort(last.to_numpy()))


def _queue(pairs: pa.Table, answers: pa.Table, taught: Learned) -> pa.Table:
    said = [answers.filter(answers["same"]), answers.filter(pc.invert(answers["same"]))]
    yes, no = (np.stack([each["a"].to_numpy(), each["b"].to_numpy()]) for each in said)
    ends = np.stack([pairs["a"].to_numpy(), pairs["b"].to_numpy()])
    people = np.unique(np.concatenate([ends.ravel(), yes.ravel(), no.ravel()]))
    accepted = pc.equal(pairs["decision"], "accepted").to_numpy()
    same = grouped(people, *yes)
    settled = _ties(people, same, ends, no) | (_of(people, same, ends[0]) == _of(people, same, ends[1]))
    joined = np.concatenate([yes, ends[:, accepted & ~settled]], axis=1)
    group = grouped(people, *joined)
    sizes = np.bincount(np.searchsorted(people, group), minlength=len(people))
    low, high = np.sort(np.stack([_of(people, group, end) for end in ends]), axis=0)
    settles = sizes[np.searchsorted(people, low)] * sizes[np.searchsorted(people, high)]
    weight, support = _numbers(pairs["weight"]), _numbers(pairs["support"])
    probability = taught.probability(np.where(np.isnan(support), weight, support))
    gain = _doubt(probability) * settles
    asked = np.flatnonzero(pc.equal(pairs["decision"], "review").to_numpy() & ~settled & (low != high))
    asked = asked[np.lexsort((ends[1][asked], ends[0][asked], -probability[asked]))]
    # The likeliest of each two groups comes first, and only it is asked.
    asked = asked[np.unique(np.stack([low[asked], high[asked]]), axis=1, return_index=True)[1]]
    asked = asked[np.lexsort((ends[1][asked], ends[0][asked], -gain[asked]))]
    columns = [*ends, weight, support, probability, settles, gain]
    return pa.table([pa.array(column[asked]) for column in columns], schema=QUEUE)


def _ties(people: Codes, group: Codes, ends: Codes, pairs: Codes) -> NDArray[np.bool_]:
    """Return which `ends` are of the same two groups as one of `pairs`."""
    ours, theirs = (np.sort(np.stack([_of(people, group, end) for end in each]), axis=0) for each in (ends, pairs))
    places = [np.searchsorted(people, each) for each in (ours, theirs)]
    keys = [each[0] * len(people) + each[1] for each in places]
    return np.isin(keys[0], keys[1])


def _of(people: Codes, group: Codes, asked: Codes) -> Codes:
    return group[np.searchsorted(people, asked)]


def _doubt(probability: Floats) -> Floats:
    """Return the entropy of a yes that has this probability, in bits."""
    sure = np.clip(probability, 1e-12, 1 - 1e-12)
    return -sure * np.log2(sure) - (1 - sure) * np.log2(1 - sure)


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), np.float64)
