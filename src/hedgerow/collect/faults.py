"""Faults: what a request brought and could not be kept, tried again after a fix."""

from dataclasses import dataclass

import msgspec

from hedgerow.collect.hooks.receiving import KIND
from hedgerow.collect.protocol import fault_of, protocols
from hedgerow.kit import clock
from hedgerow.ledger import Drop, Request, Workspace, mark_retried, open_drops


@dataclass(frozen=True)
class Retried:
    """What became of a retry: how many went back to the inbox, and how many can't be kept yet."""

    again: int
    left: int


def retry(workspace: Workspace, reason: str | None = None) -> Retried:
    """Put the drops of a reason (or all) back in the inbox, but for those that would be dropped at once again.

    A retry cut short may be repeated: what went back twice is kept once. Rows of imports are not among them: the
    same file imported again takes what it can now.
    """
    again = left = 0
    for some in open_drops(workspace, reason):
        now = clock.microseconds(clock.now())
        ready = [(drop, request) for drop in some if (request := _request(drop, now))]
        if ready:
            workspace.inbox.commit([request for _, request in ready])
            mark_retried(workspace, [drop.id for drop, _ in ready])
        again += len(ready)
        left += len(some) - len(ready)
    return Retried(again, left)


def _request(drop: Drop, now: int) -> Request | None:
    """Return the request that brings a dropped message again; None where its kind could still not take it."""
    if drop.kind in protocols():
        if fault_of(drop.kind, msgspec.Raw(drop.payload.encode())):
            return None
        return Request(drop.kind, _head(drop), f"[{drop.payload}]".encode(), now)
    if drop.kind.startswith(KIND):
        whole = drop.payload.startswith("[")
        return Request(drop.kind, _head(drop), (drop.payload if whole else f"[{drop.payload}]").encode(), now)
    return Request(drop.kind, drop.head, drop.payload.encode(), now)


def _head(drop: Drop) -> str:
    # A message without an id of its own has its drop's, so that it is one however often it is tried.
    said = msgspec.json.decode(drop.head or "{}", type=dict[str, object])
    return msgspec.json.encode({"retry": f"drop-{drop.id}", **said}).decode()
