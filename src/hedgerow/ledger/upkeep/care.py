"""Care: tables compacted, old files and requests let go, and the indexes made again."""

import shutil
from datetime import timedelta

import sqlalchemy as sa

from hedgerow.kit import clock
from hedgerow.ledger.intake.writer import Writer
from hedgerow.ledger.lake import Lake
from hedgerow.ledger.record import CURSORS
from hedgerow.ledger.workspace import Workspace

MANY = 32
"""Small files in a table that are worth making one of."""

_SMALL = 32 << 20
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def maintain(workspace: Workspace, keep: timedelta = _DAY, keep_requests: timedelta = _WEEK) -> None:
    """Compact every table, remove files that left it more than `keep` ago, and prune what the inbox moved.

    A reader that began less than `keep` ago is not disturbed. Requests stay in the inbox for `keep_requests`
    after they are in the lake. What the tables and indexes say is unchanged.
    """
    with workspace.held():
        Writer(workspace).close()  # settles what a crash left, so that no file it wrote is taken for a stray
        for lake in (workspace.lake, workspace.derived):
            for name in lake.names():
                lake.compact(name)
                lake.vacuum(name, keep)
        moved = sa.select(CURSORS.c.turn).where(CURSORS.c.step == "inbox")
        with workspace.record.connect() as connection:
            upto = connection.scalar(moved) or 0
        workspace.inbox.prune(upto, clock.microseconds(clock.now() - keep_requests))
        workspace.inbox.scour()


def tidy(workspace: Workspace) -> None:
    """Compact the tables that have many small files; where none has, this costs next to nothing."""
    for name in workspace.lake.names():
        if _small_files(workspace.lake, name) > MANY:
            with workspace.held(wait=600.0):
                workspace.lake.compact(name)


def rebuild_indexes(workspace: Workspace) -> None:
    """Make the indexes of ids and of codes again from the lake; they come out the same."""
    with workspace.held():
        shutil.rmtree(workspace.folder / "index", ignore_errors=True)
        Writer(workspace).close()


def _small_files(lake: Lake, name: str) -> int:
    """Return how many small files could be merged: those of a partition that has more than one."""
    partitions: dict[str, int] = {}
    for folder, size in lake.sizes(name):
        if size < _SMALL:
            partitions[folder] = partitions.get(folder, 0) + 1
    return sum(count for count in partitions.values() if count > 1)
