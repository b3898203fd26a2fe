"""A victim: a process that accepts, moves and imports until it is killed, and says what was acknowledged.

Run as `python -m tests.ledger.victim WORKSPACE FILES SAID ROUND`; a line is appended to SAID for each thing that
was acknowledged, before the next is begun.
"""

import random
import sys
from pathlib import Path

from hedgerow.collect import import_file
from hedgerow.collect.importing.formats import unpacked
from hedgerow.kit import index
from hedgerow.ledger import maintain, open_workspace
from tests.ledger.holding import MAP, touch_of, turned

REQUEST = 7
"""Touches in a request."""


def request_rows(number: str) -> list[tuple[str, int, str, str, str, str]]:
    """Return what request `number` states; the last of its touches carries no id."""
    rows = [(f"{number}-{place}", place, f"w{number}-{place}", "", "Email", "") for place in range(REQUEST - 1)]
    return [*rows, ("", 5, f"w{number}", f"{number}@example.org", "", "")]


def main(folder: Path, files: Path, said: Path, round_: str) -> None:
    """Do things in a random order for ever."""
    unpacked.CHUNK, index.RUN = 4_000, 3
    chance = random.Random(round_)
    workspace = open_workspace(folder)
    with said.open("a", buffering=1) as out:
        out.write("ready\n")
        for step in range(1_000_000):
            what = chance.choice(("accept", "accept", "retry", "move", "import", "maintain"))
            if what in ("accept", "retry"):
                number = f"{round_}.{step}"
                for _ in range(1 + (what == "retry")):
                    workspace.inbox.accept([touch_of(row) for row in request_rows(number)])
                out.write(f"accept {number}\n")
            elif what == "move":
                turned(workspace, most=20)
            elif what == "import":
                file = chance.choice(sorted(files.glob("*.csv")))
                report = import_file(workspace, "touch", file, MAP)
                out.write(f"import {file.name} {report.batch}\n")
            elif chance.random() < 0.2:
                maintain(workspace)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
