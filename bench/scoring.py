"""Claim: a turn of 10,000 new touches over a million people scores whom it changed in under 2 s; a rescore is linear.

Touches and marks are written to the lake as the mill writes them, a year of them in the order of time. The whole
rescore gives every touch its points, by all signals of the shelf, and scores everybody; the turn does so for 10,000
new touches and whom they changed. Each runs in a process of its own. The limit of the same run is one query of DuckDB
over the same points that only sums them by person, without caps, people, swarms or half-lives.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from hedgerow.journeys.marks import MARKS
from hedgerow.ledger import Workspace, create_workspace
from hedgerow.ledger.touch import TOUCHES
from hedgerow.people.evidence import EVIDENCE, IDENTIFIERS
from hedgerow.score import changed, give, prepare, scores

BEGIN, YEAR = 1_735_689_600, 365 * 86_400
END = datetime.fromtimestamp(BEGIN + YEAR, UTC)
PART, NEW = 1_000_000, 10_000
PAGES = np.array([f"https://acme.example/{path}" for path in (
    "", "pricing", "product/whistle", "product/status-pages", "blog/why-alerts-lie", "docs/start", "careers",
    "compare/pager-alternatives", "stories/bramble-foods", "guides/quiet-nights",
)])  # fmt: skip
VERBS = np.array(["view", "open", "click", "create", "like", "submit", "download", "track", "identify", "unsubscribe"])
SHARES = np.array([0.55, 0.15, 0.08, 0.06, 0.06, 0.03, 0.03, 0.03, 0.009, 0.001])
GROUPS = np.array(["Email", "Community", "Organic Social", "Paid Search", "Organic Search", "Advocate"])
ROLES = np.array(['{"job_title": "Head of IT", "country": "DE"}', '{"role": "Engineer", "employees": "51-200"}'])


def fill(folder: Path, touches: int, people: int) -> None:
    """Write `touches` touches of `people` people and their marks into a new workspace, `PART` a turn."""
    workspace = create_workspace(folder, "bench")
    for kind in (MARKS, EVIDENCE, IDENTIFIERS):
        workspace.derived.ensure(kind)
    codes = np.arange(people)
    mails = pa.array([f"p{code}@company{code % 5000}.example" for code in range(people)])
    named = {"code": codes, "kind": _same("email", people), "value": mails, "turn": codes * 0 + 1}
    workspace.derived.append("identifiers", pa.table(named).cast(IDENTIFIERS.schema), 1)
    for turn, begin in enumerate(range(0, touches, PART), 1):
        count = min(PART, touches - begin)
        _write(workspace, turn, count, people, (begin / touches, (begin + count) / touches))
    workspace.close()


def _write(workspace: Workspace, turn: int, count: int, people: int, part: tuple[float, float]) -> None:
    chance = np.random.default_rng(turn)
    at = np.sort(BEGIN + (np.array(part)[0] + chance.random(count) * (part[1] - part[0])) * YEAR).astype(np.int64)
    verb = VERBS[chance.choice(len(VERBS), count, p=SHARES)]
    known = {
        "touch_id": _ids(chance, count),
        "occurred_at": pa.array(at * 1_000_000).cast(pa.timestamp("us", "UTC")),
        "received_at": pa.array(at * 1_000_000).cast(pa.timestamp("us", "UTC")),
        "actor_code": chance.integers(0, people, count),
        "verb": verb,
        "url": _where(np.isin(verb, ["view", "submit", "download"]), PAGES[chance.integers(0, len(PAGES), count)]),
        "properties": _where(verb == "identify", ROLES[chance.integers(0, len(ROLES), count)]),
        "relation": _where(verb == "create", np.full(count, "reply")),
        "source": _same("bench", count),
        "tie": chance.integers(0, 1 << 31, count).astype(np.int32),
        "channel_group": _where(verb != "identify", GROUPS[chance.integers(0, len(GROUPS), count)]),
        "automaton": np.zeros(count, bool),
        "hand": pa.array(chance.integers(0, people, count), mask=verb != "click"),
        "target": pa.array(chance.integers(0, 50, count), mask=verb != "click"),
        "batch": np.zeros(count, np.int64),
        "turn": np.full(count, turn),
        "month": pa.array(at).cast(pa.timestamp("s")).cast(pa.string()).slice(0),
    }
    known["month"] = pa.compute.utf8_slice_codeunits(known["month"], 0, 7)
    known["channel"] = known["channel_group"]
    for kind, lake in ((TOUCHES, workspace.lake), (MARKS, workspace.derived)):
        columns = [known.get(field.name, pa.nulls(count, field.type)) for field in kind.schema]
        lake.append(kind.name, pa.table(columns, kind.schema.names).cast(kind.schema), turn)


def _same(text: str, count: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(count, np.int64)))


def _where(held: "np.ndarray[tuple[int], np.dtype[np.bool_]]", values: object) -> pa.Array:
    return pa.array(values, mask=~held)


def _ids(chance: np.random.Generator, count: int) -> pa.Array:
    text = np.frombuffer(chance.bytes(16 * count).hex().encode(), "S32")
    return pa.array(text, pa.binary()).cast(pa.string())


def whole(folder: Path) -> None:
    """Print the seconds of giving all points and of scoring everybody, how many they are, and peak MiB."""
    workspace = create_workspace(folder, "bench")
    began = time.perf_counter()
    for turn in range(1, workspace.lake.turn("touches") + 1):
        give(workspace, turn - 1, turn)
    gave = time.perf_counter()
    people = len(scores(workspace, END))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{gave - began:.2f} {done - gave:.2f} {people} {peak}")


def limit(folder: Path) -> None:
    """Print the seconds DuckDB takes to sum the same points by person, and no more."""
    workspace = create_workspace(folder, "bench")
    prepare(workspace)
    began = time.perf_counter()
    workspace.engine.sql("SELECT actor_code, sum(thousandths), max(occurred_at) FROM points GROUP BY actor_code")
    print(f"{time.perf_counter() - began:.2f}")


def turn(folder: Path, people: int) -> None:
    """Print the seconds of giving 10,000 new touches their points and of scoring whom they changed, and how many."""
    workspace = create_workspace(folder, "bench")
    number = workspace.lake.turn("touches") + 1
    _write(workspace, number, NEW, people, (0.9999, 1.0))
    workspace.engine.refresh()
    began = time.perf_counter()
    give(workspace, number - 1, number)
    gave = time.perf_counter()
    told = changed(workspace, number - 1, number)
    knew = time.perf_counter()
    scored = len(scores(workspace, END, people=told))
    print(f"{gave - began:.2f} {knew - gave:.2f} {time.perf_counter() - knew:.2f} {scored}")


def _run(what: str, folder: Path, people: int) -> list[float]:
    command = [sys.executable, __file__, what, str(folder), str(people)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(number) for number in done.stdout.split()]


def main() -> None:
    """Run it and print a verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--touches", type=float, default=5e7)
    said = parser.parse_args()
    people = max(1, int(said.touches) // 50)
    if said.what:
        what, folder = said.what[0], Path(said.what[1])
        return {"whole": whole, "limit": limit}[what](folder) if what != "turn" else turn(folder, int(said.what[2]))
    folder = Path(tempfile.mkdtemp(prefix="hedgerow-bench-"))
    try:
        fill(folder, int(said.touches), people)
        gave, scored, found, peak = _run("whole", folder, people)
        summed = _run("limit", folder, people)[0]
        given, told, asked, some = _run("turn", folder, people)
    finally:
        shutil.rmtree(folder)
    each, spent = gave + scored, given + told + asked
    print(f"{int(said.touches):,} touches of {people:,} people, {found:,.0f} scored")
    print(f"whole rescore {each:.1f} s: points {gave:.1f} s, scores {scored:.1f} s, peak memory {peak:,.0f} MiB")
    print(f"{each / said.touches * 1e6:.2f} us a touch; scores take {scored / summed:.1f} of DuckDB's plain sum")
    print(f"a turn of {NEW:,} touches {spent:.2f} s: points {given:.2f} s, who {told:.2f} s, ", end="")
    print(f"{some:,.0f} scores {asked:.2f} s; one in {each / spent:,.0f} of the whole")
    print(f"a turn under 2 s: {'holds' if spent < 2 else 'does not hold'}")
    return None


if __name__ == "__main__":
    main()
