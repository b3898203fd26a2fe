"""A lock: one holder at a time among processes, let go by the system when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hedgerow.kit.errors import HedgerowError


@contextmanager
def held(file: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock named by `file` within this context, waiting for it at most `wait` seconds.

    Raises `HedgerowError`, naming the process that holds it, where it is still taken then.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle, file, time.monotonic() + wait)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, file: Path, until: float) -> None:
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                holder = os.pread(handle, 20, 0).decode() or "unknown"
                raise HedgerowError(
                    f"Process {holder} is turning the mill of {file.parent}: wait for it to finish, or stop it."
                ) from None
            time.sleep(0.05)
