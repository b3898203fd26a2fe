"""Claim: from raw touches of 5 million people to journeys and credits in 40 s and 4 GiB at 100 million touches.

Marks are written to the lake as the mill writes them; what is timed is reading them, putting each person's in
order, cutting at outcomes and dividing every outcome. Each size runs in a process of its own. The limit of the
same run is DuckDB's window over the same files, which only orders the touches.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from hedgerow.attribution import credits_by
from hedgerow.journeys import walk, way_of
from hedgerow.journeys.marks import MARKS
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.people.evidence import EVIDENCE, IDENTIFIERS

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
CHANNELS = np.array([f"channel {n:02}" for n in range(20)])
PEOPLE, PART = 5_000_000, 5_000_000
YEAR = 365 * 86_400


def prepare(folder: Path, touches: int) -> Workspace:
    """Write `touches` marks of `PEOPLE` people (fewer where there are few touches) into a new workspace."""
    workspace = create_workspace(folder, "bench")
    people = min(PEOPLE, max(1, touches // 20))
    for kind in (MARKS, EVIDENCE, IDENTIFIERS):
        workspace.derived.ensure(kind)
    codes = np.arange(people)
    named = {"code": codes, "kind": _same("customer", people), "value": _same("x", people), "turn": codes * 0 + 1}
    workspace.derived.append("identifiers", pa.table(named).cast(IDENTIFIERS.schema), 1)
    chance = np.random.default_rng(7)
    for turn, begin in enumerate(range(0, touches, PART), 1):
        workspace.derived.append("marks", _marks(chance, min(PART, touches - begin), people, turn), turn)
    return workspace


def _same(text: str, count: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(count, np.int64)))


def _marks(chance: np.random.Generator, count: int, people: int, turn: int) -> pa.Table:
    won = chance.random(count) < 0.02
    channel = pa.DictionaryArray.from_arrays(chance.integers(0, 20, count, np.int8), CHANNELS)
    verb = pa.DictionaryArray.from_arrays(won.astype(np.int8), ["view", "purchase"])
    currency = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8), mask=~won), ["EUR"])
    at = 1_700_000_000_000_000 + chance.integers(0, YEAR, count) * 1_000_000
    instant = pa.array(at, pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns = {
        "touch_id": pa.nulls(count, pa.string()),
        "tie": chance.integers(0, 1 << 31, count, np.int32),
        "occurred_at": instant,
        "received_at": instant,
        "actor_code": chance.integers(0, people, count),
        "verb": verb.cast(pa.string()),
        "channel": channel.cast(pa.string()),
        "channel_group": channel.cast(pa.string()),
        "campaign": pa.nulls(count, pa.string()),
        "automaton": pa.array(np.zeros(count, bool)),
        "hand": pa.nulls(count, pa.int64()),
        "target": pa.nulls(count, pa.int64()),
        "value": pa.array(chance.integers(100, 100_000, count), mask=~won),
        "currency": currency.cast(pa.string()),
        "rules": np.ones(count, np.int64),
        "batch": np.ones(count, np.int64),
        "turn": np.full(count, turn),
    }
    return pa.table(columns).cast(MARKS.schema)


def measure(folder: Path) -> None:
    """Print seconds of reading the marks, seconds until every model has credited every journey, and peak MiB."""
    workspace = create_workspace(folder, "bench")
    began = time.perf_counter()
    journeys = walk(workspace, way_of(workspace))
    read = time.perf_counter()
    value = int(journeys.outcomes.value.sum())
    for model, credited in zip(MODELS, credits_by(journeys, MODELS), strict=True):
        if int(credited.totals.value.sum()) != value:
            sys.exit(f"{model} does not sum to the value of the outcomes")
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{read - began:.2f} {done - began:.2f} {peak}")


def window(folder: Path) -> None:
    """Print the seconds DuckDB takes to number the same touches in order of person and time."""
    workspace = create_workspace(folder, "bench")
    began = time.perf_counter()
    workspace.engine.sql(
        "SELECT max(n) AS most FROM (SELECT row_number() OVER (PARTITION BY actor_code ORDER BY occurred_at) AS n "
        "FROM marks)"
    )
    print(f"{time.perf_counter() - began:.2f}")


def _run(what: str, folder: Path) -> list[float]:
    done = subprocess.run([sys.executable, __file__, what, str(folder)], capture_output=True, text=True, check=True)
    return [float(number) for number in done.stdout.split()]


def main() -> None:
    """Run every size and print a verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--sizes", default="1e6,1e7,1e8")
    said = parser.parse_args()
    if said.what:
        return {"measure": measure, "window": window}[said.what[0]](Path(said.what[1]))
    heads = ("touches", "read s", "credits s", "us a touch", "peak MiB", "window s")
    print("".join(f"{head:>13}" for head in heads))
    for size in (int(float(text)) for text in said.sizes.split(",")):
        folder = Path(tempfile.mkdtemp(prefix="hedgerow-bench-"))
        try:
            prepare(folder, size).close()
            read, done, peak = _run("measure", folder)
            compared = _run("window", folder)[0]
        finally:
            shutil.rmtree(folder)
        each = done / size * 1e6
        print(f"{size:>13,}{read:>13.1f}{done:>13.1f}{each:>13.3f}{peak:>13,.0f}{compared:>13.1f}")
        if size >= 100_000_000:
            verdict = "holds" if done <= 40 and peak <= 4096 else "does not hold"
            print(f"at most 40 s to journeys and credits in 4 GiB at 100 million: {verdict}")
    return None


if __name__ == "__main__":
    main()
