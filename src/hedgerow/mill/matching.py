"""Matching: profiles compared until nothing more is found; each match is a touch, applied as every other is."""

from hedgerow import people
from hedgerow.ledger import Workspace
from hedgerow.mill.turn import turn

_TOGETHER = 10_000


def match(workspace: Workspace, wait: float = 600.0) -> int:
    """Match the people of a workspace and return how many matches were made; run again at once, it makes none.

    A match gives somebody a fuller profile, by which others may be found: so it goes on until there are none. What is
    left is kept as proposals. Comparing does not hold the mill. Raises `HedgerowError` where it was held for `wait`
    seconds.
    """
    turn(workspace, wait)
    made = 0
    while touches := people.find_matches(workspace):
        for at in range(0, len(touches), _TOGETHER):
            workspace.inbox.accept(touches[at : at + _TOGETHER])
        made += len(touches)
        turn(workspace, wait)
    return made
