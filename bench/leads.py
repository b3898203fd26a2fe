"""A turn of the mill over many leads with a charter in force, and an audience's refresh beside recomputing it whole.

Run: python -m bench.leads [leads] [touches of the turn]. Everybody has one touch; then as many touches of a turn come
in from as many people, and the mill takes them through all rooms; then a thousand people change.
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
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace, create_workspace, writing
from hedgerow.ledger.intake.writer import INBOX_BATCH, Payload
from hedgerow.ledger.touch import stated_schema

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
_CHUNK = 250_000


def main(count: int = 1_000_000, new: int = 10_000) -> None:
    """Print seconds of a whole first look, of a turn, of a refresh and of recomputing, and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "w", "Bench")
        chance = np.random.default_rng(1)
        with stopped_at(START):
            leads.sign(workspace, files("hedgerow.village").joinpath("charter.yaml").read_text("utf-8"), "user:bench")
            for start in range(0, count, _CHUNK):
                _come(workspace, np.arange(start, min(start + _CHUNK, count)), START - timedelta(days=1))
            whole = _timed("the first look at all of them", workspace, count)
        rounds = (
            ("a turn with new touches", START + timedelta(hours=1), new),
            ("a turn of 1,000", START + timedelta(hours=2), 1_000),
        )
        for name, at, touches in rounds:
            with stopped_at(at):
                _come(workspace, chance.choice(count, min(touches, count), replace=False), at - timedelta(minutes=1))
                taken = _timed(name, workspace, touches)
            print(f"  {whole / taken:,.0f} times less than the first look")
        begun = time.perf_counter()
        listed = leads.audience(workspace, "newsletter")
        print(f"reading an audience: {time.perf_counter() - begun:.2f} s, {len(listed.members):,} in it")
        workspace.close()


def _come(workspace: Workspace, people: np.ndarray, at: datetime) -> None:
    """Write a newsletter form of each person into the ledger, as the inbox would."""
    schema = stated_schema(workspace.settings.fields)
    size = len(people)
    actor = pa.array([f"email:p{number}@acme{number % 9_973}.example" for number in people.tolist()])
    given = {
        "sender_id": pa.array([f"{at:%H}-{number}" for number in people.tolist()]),
        "occurred_at": pa.array([at] * size, pa.timestamp("us", "UTC")),
        "source": pa.array(["bench"] * size),
        "verb": pa.array(["submit"] * size),
        "actor": actor,
        "object": pa.array(["newsletter"] * size),
    }
    columns = {field.name: given.get(field.name, pa.nulls(size, field.type)) for field in schema}
    zeros = pa.array(np.zeros(size, np.int64))
    more = {"fault": pa.nulls(size, pa.string()), "line": zeros, "request": zeros, "received_at": given["occurred_at"]}
    with writing(workspace) as writer:
        turn = writer.plan("bench", INBOX_BATCH, 0)
        writer.write_touches(turn, pa.table(columns | more), lambda places: [Payload("") for _ in places])


def _timed(name: str, workspace: Workspace, touches: int) -> float:
    begun = time.perf_counter()
    mill.turn(workspace)
    taken = time.perf_counter() - begun
    print(f"{name} ({touches:,} touches): {taken:.2f} s")
    return taken


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
