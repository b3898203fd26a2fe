"""Memory: up to where leads were looked at, under which rules, and who was who; what it lacks is looked at anew."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hedgerow.kit.index import sync_folder
from hedgerow.ledger import Workspace

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Memory:
    """The turn leads were looked at up to, what that rested on beside the ledger, and the person of each code."""

    upto: int
    rests_on: str
    person: I64


NOTHING = Memory(0, "", np.zeros(0, np.int64))


def recall(workspace: Workspace, rests_on: str) -> Memory:
    """Return what is remembered; nothing where it rests on something else, and then no lead's row counts any more."""
    file = _file(workspace)
    if file.exists():
        with np.load(file) as kept:
            found = Memory(int(kept["upto"]), str(kept["rests_on"]), kept["person"])
        if found.rests_on == rests_on:
            return found
    workspace.derived.forget("leads")
    return NOTHING


def remember(workspace: Workspace, memory: Memory) -> None:
    """Keep a memory in the place of the one before."""
    file = _file(workspace)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    with part.open("wb") as out:
        np.savez(out, upto=memory.upto, rests_on=memory.rests_on, person=memory.person)
        os.fsync(out.fileno())
    part.replace(file)
    sync_folder(file.parent)


def _file(workspace: Workspace) -> Path:
    return workspace.folder / "derived" / "leads.memory.npz"
