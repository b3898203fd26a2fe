"""Dying: a process that ends before the n-th thing it makes durable, without a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hedgerow.ledger import lake


class Died(BaseException):
    """The process would be gone here."""


class Steps:
    """Counts what is made durable, and dies before step number `fatal`."""

    def __init__(self, fatal: int | None) -> None:
        self.fatal, self.done, self.names = fatal, 0, [""]

    def before(self, name: str) -> None:
        """Count a step, or die."""
        if self.done == self.fatal:
            raise Died(name)
        self.done += 1
        self.names.append(name)


@contextmanager
def dying(fatal: int | None) -> Iterator[Steps]:
    """Within this context the process dies before its step number `fatal`: a commit of the record, a file of an
    index put in place or removed, a commit to a table of the lake."""
    steps = Steps(fatal)

    def commit(_: sa.Connection) -> None:
        steps.before("commit")

    sa.event.listen(sa.Engine, "commit", commit)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (lake, "write_deltalake")):
            _wrap(patch, owner, name, steps)
        try:
            yield steps
        finally:
            sa.event.remove(sa.Engine, "commit", commit)


def _wrap(patch: pytest.MonkeyPatch, owner: Any, name: str, steps: Steps) -> None:
    inner = getattr(owner, name)

    def step(*args: Any, **kwargs: Any) -> Any:
        steps.before(name)
        return inner(*args, **kwargs)

    patch.setattr(owner, name, step)
