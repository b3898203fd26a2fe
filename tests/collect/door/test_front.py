"""Group commit: whatever is kept together, each sender hears of its own, once, and nothing is kept that was refused."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.collect.http.answer import Refused
from hedgerow.collect.http.front import Front
from hedgerow.ledger import Request, Workspace

FAULTS = (
    sa.exc.OperationalError("", {}, Exception("database is locked")),
    sa.exc.OperationalError("", {}, Exception("database or disk is full")),
    OSError("gone"),
    ValueError("no such number"),
    MemoryError(),
)


class _Inbox:
    """An inbox that fails at the commits it is told to, and remembers the others."""

    def __init__(self, faults: Sequence[BaseException | None]) -> None:
        self.faults, self.kept, self.commits = list(faults), list[bytes](), 0

    def commit(self, requests: Sequence[Request]) -> None:
        self.commits += 1
        if fault := self.faults.pop(0) if self.faults else None:
            raise fault
        self.kept += [request.body for request in requests]


def _request(body: str) -> Request:
    return Request("touch", "", body.encode(), 0)


def _front(workspace: Workspace, inbox: Any) -> Front:
    front = Front(workspace)
    front._inbox = inbox
    return front


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    senders=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.booleans()), min_size=1, max_size=25),
    faults=st.lists(st.sampled_from((None, *FAULTS)), max_size=12),
)
def test_what_is_kept_is_what_was_acknowledged(
    workspace: Workspace, senders: list[tuple[int, int, bool]], faults: list[BaseException | None]
) -> None:
    inbox = _Inbox(faults)

    async def send(front: Front, number: int) -> list[bytes]:
        pause, many, hangs_up = senders[number]
        for _ in range(pause):
            await asyncio.sleep(0)
        requests = [_request(f"{number}.{place}") for place in range(many)]
        keeping = asyncio.create_task(front.keep(requests))
        if hangs_up:
            await asyncio.sleep(0)
            keeping.cancel()
        try:
            await keeping
        except (Refused, asyncio.CancelledError):
            return []
        return [request.body for request in requests]

    async def run() -> list[bytes]:
        front = _front(workspace, inbox)
        async with asyncio.timeout(20):
            told = await asyncio.gather(*(send(front, number) for number in range(len(senders))))
            await front.close()
        assert front._bytes == 0
        return [body for bodies in told for body in bodies]

    acknowledged = asyncio.run(run())
    assert len(inbox.kept) == len(set(inbox.kept))
    assert set(acknowledged) <= set(inbox.kept)
    hung_up = {f"{n}.{p}".encode() for n, (_, many, gone) in enumerate(senders) for p in range(many) if gone}
    assert set(inbox.kept) - set(acknowledged) <= hung_up
    assert inbox.commits <= len(senders)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_refusal_says_when_to_come_again(workspace: Workspace, fault: Exception) -> None:
    async def run() -> Refused:
        front = _front(workspace, _Inbox([fault]))
        with pytest.raises(Refused) as refused:
            await front.keep([_request("a")])
        await front.keep([_request("b")])  # the next is kept
        await front.close()
        return refused.value

    refused = asyncio.run(run())
    assert refused.status == 503
    assert refused.wait in (5, 60)
    assert refused.sentence.endswith("send it again later.")


def test_requests_that_come_beside_a_commit_share_the_next(workspace: Workspace) -> None:
    async def run() -> int:
        inbox = _Inbox([])
        front = _front(workspace, inbox)
        await asyncio.gather(*(front.keep([_request(str(number))]) for number in range(500)))
        await front.close()
        assert sorted(inbox.kept) == sorted(str(number).encode() for number in range(500))
        return inbox.commits

    assert asyncio.run(run()) <= 2


def test_more_than_can_be_held_is_refused_until_it_is_written(workspace: Workspace) -> None:
    async def run() -> None:
        front = _front(workspace, _Inbox([]))
        large = Request("touch", "", bytes(1 << 20), 0)
        keeping = [asyncio.create_task(front.keep([large])) for _ in range(80)]
        told = await asyncio.gather(*keeping, return_exceptions=True)
        refused = [answer for answer in told if isinstance(answer, Refused)]
        assert {(answer.status, answer.wait) for answer in refused} == {(503, 2)}
        assert 60 <= told.count(None) <= 66
        await front.keep([large])
        await front.close()

    asyncio.run(run())
