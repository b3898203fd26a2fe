"""A process that turns the mill again and again until it is killed: `python -m tests.collect.door.milling FOLDER`."""

import sys
import time
from pathlib import Path

from hedgerow import mill
from hedgerow.ledger import open_workspace


def main(folder: Path) -> None:
    """Turn for ever."""
    workspace = open_workspace(folder)
    while True:
        mill.turn(workspace)
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
