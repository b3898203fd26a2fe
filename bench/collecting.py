"""Claim: a single process accepts 8,000 events a second durably with p99 under 20 ms, and 60,000 in batches of 100.

The server has one core and the senders the other. Beside it, in the same run: the same server keeping nothing, and
SQLite alone making the same bytes durable; `a core/s` is events a second of processor the door used, which a machine
that does other things beside leaves as it is. Then, all on the same cores, the highest rate at which the mill keeps up.
Run as `python bench/collecting.py [--seconds 10] [--minutes 1] [--only accepting|milling]`.
"""

import argparse
import asyncio
import base64
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import sqlalchemy as sa
import uvloop

from hedgerow import mill
from hedgerow.access import make_key
from hedgerow.collect.http import Door
from hedgerow.collect.server import server
from hedgerow.ledger import Workspace, create_workspace, open_workspace
from hedgerow.ledger.record import CURSORS

LINES, RATE, BATCH = 64, 8_000, 100
WARM = 2.0
_EVENT = (
    b'{"type":"track","event":"Signed Up","messageId":"%032x","anonymousId":"a7f3c1d0-%08x","userId":"u%d",'
    b'"timestamp":"2026-03-01T12:00:00.000Z","context":{"library":{"name":"analytics.js","version":"2.11.1"},'
    b'"page":{"path":"/pricing","url":"https://copperkettle.example/pricing?utm_source=linkedin",'
    b'"referrer":"https://www.linkedin.com/","title":"Pricing - Copper Kettle"},"locale":"en-GB",'
    b'"campaign":{"name":"spring-launch","source":"linkedin","medium":"social"}},'
    b'"properties":{"plan":"small","seats":5,"trial":true}}'
)

Make = Callable[[int], bytes]
"""Makes the body of request n."""


def single(number: int) -> bytes:
    """Return an event of 500 to 600 bytes; each is another's."""
    return _EVENT % (number, number & 0xFFFFFFFF, number % 100_003)


def batch(number: int) -> bytes:
    """Return a batch of `BATCH` events."""
    first = number * BATCH
    return b'{"batch":[' + b",".join(single(first + place) for place in range(BATCH)) + b"]}"


@dataclass
class Run:
    """What came of some seconds of load: of each request the seconds it took, and how many were refused."""

    seconds: float = 0.0
    taken: "array[float]" = field(default_factory=lambda: array("d"))
    refused: int = 0
    worked: float = 0.0
    """Seconds of processor that the door used."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.taken) / self.seconds

    def percentile(self, percent: float) -> float:
        """Return milliseconds."""
        return float(np.percentile(np.frombuffer(self.taken), percent)) * 1e3


class Line(asyncio.Protocol):
    """A connection that is kept, with one request under way at the most."""

    def __init__(self, answered: Callable[["Line"], None]) -> None:
        self._answered, self._said = answered, b""
        self.due = 0.0
        self.good = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Take an answer: JSON, so it ends in a bracket."""
        self._said += data
        if self._said.endswith(b"}"):
            self.good = self._said[9:12] == b"200"
            self._said = b""
            self._answered(self)


class Load:
    """Load on a door: as much as its lines bear, or so many requests a second, due whether it keeps up or not."""

    def __init__(
        self, port: int, key: str, path: str, make: Make, rate: float = 0.0, lines: int = LINES, pid: int = 0
    ) -> None:
        self._pid = pid
        self._port, self._make, self._rate, self._lines = port, make, rate, lines
        coded = base64.b64encode(f"{key}:".encode()).decode()
        self._head = f"POST {path} HTTP/1.1\r\nHost: door\r\nAuthorization: Basic {coded}\r\nContent-Length: ".encode()
        self._due: deque[float] = deque()
        self._free: list[Line] = []
        self._number = int(time.time() * 1000) << 24
        self.run = Run()

    async def go(self, seconds: float) -> Run:
        """Send for so many seconds, after a while to grow warm, and return what came of it."""
        loop = asyncio.get_running_loop()
        for _ in range(self._lines):
            _, line = await loop.create_connection(lambda: Line(self._answered), "127.0.0.1", self._port)
            self._free.append(line)
        await self._offer(WARM)
        self.run = Run()
        begun, before = time.perf_counter(), worked(self._pid) if self._pid else 0.0
        await self._offer(seconds)
        self.run.seconds = time.perf_counter() - begun
        self.run.worked = worked(self._pid) - before if self._pid else 0.0
        return self.run

    async def _offer(self, seconds: float) -> None:
        begun, offered = time.perf_counter(), 0
        while (now := time.perf_counter()) - begun < seconds:
            if self._rate:
                upto = int((now - begun) * self._rate)
                self._due.extend(begun + number / self._rate for number in range(offered, upto))
                offered = upto
            while self._free and (self._due or not self._rate):
                self._send(self._free.pop(), self._due.popleft() if self._rate else now)
            await asyncio.sleep(0.001)

    def _send(self, line: Line, due: float) -> None:
        self._number += 1
        body = self._make(self._number)
        line.due = due
        line.transport.write(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))

    def _answered(self, line: Line) -> None:
        now = time.perf_counter()
        if line.good:
            self.run.taken.append(now - line.due)
        else:
            self.run.refused += 1
        if not self._rate:
            self._send(line, now)
        elif self._due:
            self._send(line, self._due.popleft())
        else:
            self._free.append(line)


@contextmanager
def apart(*said: object, core: int | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a part of this file in a process of its own, on one core or on any, until the context ends."""
    process = subprocess.Popen([sys.executable, __file__, *map(str, said)], stdout=subprocess.PIPE)
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: "subprocess.Popen[bytes]") -> int:
    """Return the port a door says it listens at."""
    assert process.stdout
    return int(process.stdout.readline())


def worked(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(kind: str, folder: Path) -> None:
    """Serve as `hedgerow collect` does; with the kind "nothing" what is accepted is not kept."""
    opened = open_workspace(folder)
    door = Door(opened)
    if kind == "nothing":

        async def keep(_: object) -> None:
            pass

        door.front.keep = keep  # type: ignore[assignment, method-assign]
    serving = server(door, "127.0.0.1", 0)
    socket = serving.config.bind_socket()
    socket.listen(2048)
    print(socket.getsockname()[1], flush=True)
    serving.run(sockets=[socket])
    opened.close()


def durable(folder: Path, make: Make, together: int, seconds: float, core: int) -> float:
    """Return how many bodies a second SQLite alone makes durable, `together` in a transaction, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    with closing(sqlite3.connect(folder / "alone.db", isolation_level=None)) as alone:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            alone.execute(f"PRAGMA {pragma}")
        alone.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, head TEXT, body BLOB)")
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            rows = [(0, '{"source":"key:bench"}', make(done + place)) for place in range(together)]
            alone.execute("BEGIN")
            alone.executemany("INSERT INTO rows (at, head, body) VALUES (?, ?, ?)", rows)
            alone.execute("COMMIT")
            done += together
        taken = time.perf_counter() - begun
    os.sched_setaffinity(0, before)
    (folder / "alone.db").unlink()
    return done / taken


@contextmanager
def bench_workspace() -> Iterator[tuple[Workspace, str]]:
    """A workspace with a key that has no limit."""
    with tempfile.TemporaryDirectory(prefix="hedgerow-bench-") as folder:
        workspace = create_workspace(Path(folder) / "workspace", "Bench")
        yield workspace, make_key(workspace, "bench", rate=0).key
        workspace.close()


def accepting(seconds: float) -> bool:
    """Print a line for each way of sending; return whether the aims are met."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    ways: tuple[tuple[str, str, Make, float, int, int], ...] = (
        (f"single, {LINES} at a time", "/v1/track", single, 0.0, LINES, 1),
        (f"single, {RATE:,} a second", "/v1/track", single, RATE, 4 * LINES, 1),
        (f"batches of {BATCH}", "/v1/batch", batch, 0.0, LINES // 4, BATCH),
    )
    heads = ("events/s", "p50 ms", "p99 ms", "refused", "a core/s", "nothing/s", "of nothing", "SQLite/s", "of SQLite")
    print(f"{'':<24}" + "".join(f"{head:>12}" for head in heads))
    met = True
    for name, path, make, rate, lines, events in ways:
        found: dict[str, Run] = {}
        with bench_workspace() as (workspace, key):
            alone = durable(workspace.folder, make, LINES if events == 1 else LINES // 4, 3.0, first)
            for kind in ("nothing", "hedgerow"):
                with apart("--serve", kind, workspace.folder, core=first) as process:
                    load = Load(port_of(process), key, path, make, rate, lines, process.pid)
                    os.sched_setaffinity(0, {second})
                    found[kind] = uvloop.run(load.go(seconds))
                    os.sched_setaffinity(0, {first, second})
        ours, nothing = found["hedgerow"], found["nothing"]
        rates = (f"{ours.refused:>12,}", f"{len(ours.taken) * events / ours.worked:>12,.0f}")
        latency = f"{ours.percentile(50):>12.1f}{ours.percentile(99):>12.1f}"
        beside = f"{nothing.rate * events:>12,.0f}{ours.rate / nothing.rate:>12.2f}"
        beside += f"{alone * events:>12,.0f}{ours.rate / alone:>12.2f}"
        print(f"{name:<24}{ours.rate * events:>12,.0f}{latency}{''.join(rates)}{beside}")
        aim = 60_000 if events > 1 else RATE * 0.99
        met &= ours.rate * events >= aim and (not rate or ours.percentile(99) < 20)
    print(f"aims (8,000 single with p99 under 20 ms, 60,000 in batches): {'met' if met else 'NOT MET'}")
    return met


def turn(folder: Path) -> None:
    """Turn the mill as `hedgerow serve` does, until killed."""
    opened = open_workspace(folder)
    while True:
        mill.turn(opened)
        time.sleep(1.0)


def keeps_up(rate: int, seconds: float) -> bool:
    """Offer single events at a rate with the mill turning; print the lag, and return whether it stays bounded."""
    lags: list[float] = []
    with ExitStack() as stack:
        workspace, key = stack.enter_context(bench_workspace())
        port = port_of(stack.enter_context(apart("--serve", "hedgerow", workspace.folder)))
        stack.enter_context(apart("--mill", workspace.folder))

        async def watch() -> None:
            while True:
                await asyncio.sleep(1.0)
                lags.append(await asyncio.to_thread(_lag, workspace) / rate)

        async def go() -> Run:
            watching = asyncio.create_task(watch())
            run = await Load(port, key, "/v1/track", single, rate, 4 * LINES).go(seconds)
            watching.cancel()
            return run

        run = uvloop.run(go())
    third = len(lags) // 3
    middle, last = max(lags[third : 2 * third]), max(lags[2 * third :])
    bounded = last < 1.3 * middle + 3 and run.rate > 0.98 * rate and not run.refused
    print(
        f"{rate:>10,} events/s: accepted {run.rate:>8,.0f}, p99 {run.percentile(99):>7.1f} ms, the mill is behind "
        f"{middle:>5.1f} s, then {last:>5.1f} s: {'keeps up' if bounded else 'falls behind'}",
        flush=True,
    )
    return bounded


def _lag(workspace: Workspace) -> int:
    """Return how many requests wait for the mill."""
    with workspace.record.connect() as connection:
        moved = connection.scalar(sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")) or 0
    return workspace.inbox.last() - moved


def sustained(seconds: float) -> int:
    """Print and return the highest rate at which the mill keeps up: doubled until it does not, then halved between."""
    low, high = 0, 1_000
    while keeps_up(high, seconds):
        low, high = high, high * 2
    for _ in range(2):
        rate = (low + high) // 2
        low, high = (rate, high) if keeps_up(rate, seconds) else (low, rate)
    print(f"sustained with the mill on the same {os.cpu_count()} cores: {low:,} events a second")
    return low


def main() -> int:
    """Run both parts, or what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--only", choices=("accepting", "milling"))
    parser.add_argument("--serve", nargs=2)
    parser.add_argument("--mill", type=Path)
    said = parser.parse_args()
    if said.serve:
        serve(said.serve[0], Path(said.serve[1]))
    elif said.mill:
        turn(said.mill)
    else:
        met = said.only == "milling" or accepting(said.seconds)
        if said.only != "accepting":
            sustained(said.minutes * 60)
        return 0 if met else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
