"""Claim: 10 million rows of evidence are clustered in 7 s from nothing, and in 1.5 s from codes, on two cores; folding
10,000 new rows into a million people takes less than a second.

Evidence is of four million people, each with some addresses, accounts, rows of a CRM and devices; one device in 200 is
used by two. From nothing means from identifiers as text: they get their codes and the law of their kind first. Beside
it SciPy's connected components of the same codes, which tell nobody apart. Run as `python bench/people.py [ROWS]`.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hedgerow.people.clusters import Graph, settle
from hedgerow.people.clusters.state import fold, start
from hedgerow.people.decisions import Decided
from hedgerow.people.kinds import Law

ROWS, SEED = 10_000_000, 7
KINDS = ("anonymous:", "email:", "mastodon:", "crm:")
LAWS = np.array([Law.DEVICE, Law.SEVERAL, Law.UNIQUE, Law.UNIQUE], np.int8)
I64 = NDArray[np.int64]
T = TypeVar("T")
NONE = np.zeros(0, np.int64)
NOTHING_SAID = Decided((), NONE, NONE, np.zeros((0, 2), np.int64), ())


def evidence(rows: int, seed: int) -> tuple[I64, I64]:
    """Return two columns of identifiers as numbers: a person's number times 16, and which of theirs it is."""
    rng = np.random.default_rng(seed)
    person = rng.integers(0, max(rows * 2 // 5, 1), rows)
    a = person * 16 + rng.integers(1, 4, rows)
    other = rng.integers(0, 10, rows)  # one of six devices, or of four identifiers
    stranger = np.where(rng.random(rows) < 0.005, rng.integers(0, person.max() + 1, rows), person)
    b = np.where(other < 6, stranger * 16 + 4 + other, person * 16 + other - 5)
    return a, b


def kind_of(which: I64) -> I64:
    """Return the place in `KINDS` of each identifier: 1 to 3 as they say, all behind are devices or addresses."""
    slot = which % 16
    return np.where(slot >= 10, 1, np.where(slot >= 4, 0, slot))


def texts(which: I64) -> pa.Array:
    """Return identifiers as the ledger writes them."""
    kinds = pa.DictionaryArray.from_arrays(kind_of(which).astype(np.int8), pa.array(KINDS)).cast(pa.string())
    return pc.binary_join_element_wise(kinds, pa.array(which).cast(pa.string()), "")


def coded(a: pa.Array, b: pa.Array) -> Graph:
    """Return the graph of evidence given as text."""
    both = pa.concat_arrays([a, b]).dictionary_encode()
    named, codes = both.dictionary, both.indices.to_numpy()
    kind = np.full(len(named), -1, np.int32)
    for place, prefix in enumerate(KINDS):
        kind[pc.starts_with(named, prefix).to_numpy(zero_copy_only=False)] = place
    return Graph(LAWS[kind], kind, codes[: len(a)], codes[len(a) :], NONE, NONE)


def scipys(graph: Graph) -> None:
    """Let SciPy find the components of the same codes."""
    count, ones = len(graph.law), np.ones(len(graph.a), np.int8)
    connected_components(coo_array((ones, (graph.a, graph.b)), shape=(count, count)), directed=False)


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return the median of the seconds of three runs, the first of which is given memory by the machine, and what
    the last returned."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        said = act()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[1], said


def folded(people: int, new: int) -> float:
    """Return the seconds that folding `new` rows into so many people takes."""
    rows = people * 5 // 2
    a, b = (np.concatenate(part) for part in zip(evidence(rows, SEED), evidence(new, SEED + 1), strict=True))
    graph = coded(texts(a), texts(b))
    known = int(max(graph.a[:rows].max(), graph.b[:rows].max())) + 1
    before = start(graph.law[:known], graph.kind[:known], graph.a[:rows], graph.b[:rows], NOTHING_SAID)
    begun = time.perf_counter()
    after = fold(before, replace(before, law=graph.law, kind=graph.kind, a=graph.a, b=graph.b))
    taken = time.perf_counter() - begun
    anew = start(graph.law, graph.kind, graph.a, graph.b, NOTHING_SAID)
    assert (after.person == anew.person).all(), "what was folded is what is made anew"
    return taken


def main(rows: int) -> int:
    """Print the figures; return 1 where a limit is passed."""
    a, b = (texts(column) for column in evidence(rows, SEED))
    naming, graph = timed(lambda: coded(a, b))
    settling, said = timed(lambda: settle(graph))
    peer, _ = timed(lambda: scipys(graph))
    people, shared = len(np.unique(said.person)), int(said.shared.sum())
    print(f"{rows:,} rows, {len(graph.law):,} identifiers, {people:,} people, {shared:,} found to be shared")
    beside = f"of SciPy's components {settling / peer:.2f}"
    print(f"from nothing {naming + settling:.2f} s (codes {naming:.2f}); from codes {settling:.2f} s, {beside}")
    folding_took = folded(1_000_000 if rows == ROWS else rows // 10, 10_000)
    print(f"10,000 new rows folded into a million people: {folding_took:.3f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return int(naming + settling > 7 or settling > 1.5 or folding_took > 1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
