"""The front: what is accepted is durable before it is answered, and where there is no room nothing is accepted."""

import asyncio
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from hedgerow.collect.http.answer import Refused
from hedgerow.ledger import Request, Workspace

_MOST_WAITING = 64 << 20
_SECONDS = 1.0
_BUSY, _FULL, _SLOW = 5, 60, 2


class Front:
    """Group commit: while one transaction is being made durable, the requests that arrive gather for the next."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._inbox = workspace.inbox
        self._thread = ThreadPoolExecutor(1, "front")
        self._waiting: list[tuple[Sequence[Request], asyncio.Future[None]]] = []
        self._bytes = 0
        self._committing: asyncio.Task[None] | None = None
        self._full = ""

    def check_room(self) -> None:
        """Raise `Refused` (503) where the disk or the inbox is full, or more waits than can be held."""
        if self._full:
            raise Refused(503, f"There is no room: {self._full}. Send it again later.", _FULL)
        if self._bytes > _MOST_WAITING:
            raise Refused(503, "More is arriving than can be written: send it again in a moment.", _SLOW)

    async def keep(self, requests: Sequence[Request]) -> None:
        """Return when the requests are durable; raises `Refused` (503) where they are not, none of them kept."""
        self.check_room()
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        size = sum(len(request.body) for request in requests)
        self._waiting.append((requests, kept))
        self._bytes += size
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        try:
            await kept  # Where the sender hangs up this is cancelled, and what it sent is kept all the same.
        finally:
            self._bytes -= size

    async def watch(self) -> None:
        """Look every second whether there is room, for ever."""
        while True:
            self._full = await asyncio.to_thread(self._why_full)
            await asyncio.sleep(_SECONDS)

    async def close(self) -> None:
        """Commit what waits, and stop."""
        if self._committing:
            await self._committing
        self._thread.shutdown()

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting, []
            together = [request for requests, _ in taken for request in requests]
            refused: Refused | None = None
            try:
                await loop.run_in_executor(self._thread, self._inbox.commit, together)
            except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must be told
                refused = _refusal(error)
            for _, kept in taken:
                if not kept.done():
                    kept.set_exception(refused) if refused else kept.set_result(None)
        self._committing = None

    def _why_full(self) -> str:
        limits = self._workspace.settings.collect
        try:
            if shutil.disk_usage(self._workspace.folder).free < limits.free_megabytes * 1e6:
                return "the disk is nearly full"
            if self._inbox.size() > limits.inbox_gigabytes * 1e9:
                return "the inbox is full, because the mill is not turning or can't keep up"
        except (sa.exc.SQLAlchemyError, OSError):
            return ""  # Asked again in a second; what can't be written is refused where it is tried.
        return ""


def _refusal(error: Exception) -> Refused:
    full = "full" in str(error)
    why = "the disk is full" if full else "the database is busy or can't be reached"
    return Refused(503, f"It was not kept, because {why}: send it again later.", _FULL if full else _BUSY)
