"""A worker in a process of its own, to be killed: it says what it begins and what it ends.

Run as `python -m tests.ledger.worker WORKSPACE SAID LEASE SECONDS`: a job takes SECONDS.
"""

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from hedgerow.ledger import Workspace, open_workspace
from hedgerow.ledger.jobs import Payload, work


def main(folder: Path, said: Path, lease: float, seconds: float) -> None:
    """Work for ever."""
    with said.open("a", buffering=1) as out:

        def note(_: Workspace, payload: Payload) -> None:
            out.write(f"begin {payload['n']} {os.getpid()}\n")
            time.sleep(seconds)
            out.write(f"end {payload['n']} {os.getpid()}\n")

        work(open_workspace(folder), {"note": note}, threading.Event(), idle=0.02, lease=timedelta(seconds=lease))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
