"""Claim: a turn of the mill for 10,000 new touches over a million leads takes under 2 s: score, charter, audiences.

Run: python bench/leads.py [LEADS] [TOUCHES OF A TURN]. Everybody has one touch, at some time of the 90 days before, and
the mill looks at them all, which is what recomputing every audience costs. Then come turns an hour apart, of as many
touches of as many people, and of a thousand: the mill takes them through all rooms, and looks again at whose time came
in that hour. What a turn takes is the median of three; the ratio is that of the whole look to it.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa

from hedgerow import leads, mill
from hedgerow.kit import clock
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace, create_workspace, writing
from hedgerow.ledger.intake.writer import INBOX_BATCH, Payload
from hedgerow.ledger.touch import stated_schema

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LIMIT = 2.0
"""Seconds that a turn of 10,000 touches may take."""

_CHUNK, _TURNS = 250_000, 3
_INSTANT = pa.timestamp("us", "UTC")


def main(count: int = 1_000_000, new: int = 10_000) -> int:
    """Print seconds of a whole first look, of turns, and their ratios; return 1 where a turn passes the limit."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "w", "Bench")
        chance = np.random.default_rng(1)
        with stopped_at(START):
            leads.sign(workspace, files("hedgerow.village").joinpath("charter.yaml").read_text("utf-8"), "user:bench")
            for start in range(0, count, _CHUNK):
                people = np.arange(start, min(start + _CHUNK, count))
                _come(workspace, people, chance.integers(60, 90 * 86_400, len(people)))
            whole = _timed(workspace)
        print(f"{count:,} leads; the first look at all of them: {whole:.1f} s")
        hour, taken = START, {}
        for touches in (new, 1_000):
            each = []
            for _ in range(_TURNS):
                hour += timedelta(hours=1)
                with stopped_at(hour):
                    _come(workspace, chance.choice(count, min(touches, count), replace=False), np.full(touches, 60))
                    each.append(_timed(workspace))
            taken[touches] = sorted(each)[len(each) // 2]
            said, less = ", ".join(f"{one:.2f}" for one in each), whole / taken[touches]
            print(f"a turn of {touches:,} touches: {taken[touches]:.2f} s ({said}), {less:,.0f} times less")
        begun = time.perf_counter()
        listed = leads.audience(workspace, "newsletter")
        print(f"reading an audience: {time.perf_counter() - begun:.2f} s, {len(listed.members):,} in it")
        workspace.close()
    print(f"a turn under {LIMIT:g} s: {'kept' if taken[new] < LIMIT else 'NOT KEPT'}")
    return int(taken[new] >= LIMIT)


def _come(workspace: Workspace, people: np.ndarray, ago: np.ndarray) -> None:
    """Write a newsletter form of each person, so many seconds ago, into the ledger, as the inbox would."""
    schema = stated_schema(workspace.settings.fields)
    size, now = len(people), clock.now()
    actor = pa.array([f"email:p{number}@acme{number % 9_973}.example" for number in people.tolist()])
    given = {
        "sender_id": pa.array([f"{now:%dT%H}-{number}" for number in people.tolist()]),
        "occurred_at": pa.array((clock.microseconds(now) - ago[:size] * 1_000_000).astype("M8[us]"), _INSTANT),
        "source": pa.array(["bench"] * size),
        "verb": pa.array(["submit"] * size),
        "actor": actor,
        "object": pa.array(["newsletter"] * size),
    }
    columns = {field.name: given.get(field.name, pa.nulls(size, field.type)) for field in schema}
    zeros = pa.array(np.zeros(size, np.int64))
    more = {
        "fault": pa.nulls(size, pa.string()),
        "line": zeros,
        "request": zeros,
        "received_at": pa.array([now] * size, _INSTANT),
    }
    with writing(workspace) as writer:
        turn = writer.plan("bench", INBOX_BATCH, 0)
        writer.write_touches(turn, pa.table(columns | more), lambda places: [Payload("") for _ in places])


def _timed(workspace: Workspace) -> float:
    begun = time.perf_counter()
    mill.turn(workspace)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
