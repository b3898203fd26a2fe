"""The arrivals: what the live page shows, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import msgspec
from fastapi import Request
from fastapi.responses import Response
from starlette.responses import StreamingResponse

from hedgerow.collect import Messages
from hedgerow.ledger import Workspace
from hedgerow.web.page import Page

_SECONDS, _LASTING = 1.0, 3_600.0
_TOGETHER, _SHOWN = 200, 40


def _arrivals(request: Request) -> Response:
    return StreamingResponse(_events(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(request: Request) -> AsyncIterator[bytes]:
    workspace: Workspace = request.app.state.workspace
    after = await asyncio.to_thread(workspace.inbox.last)
    yield b"retry: 2000\n\n"
    # An hour, then the browser asks again, and its session is looked at anew.
    for _ in range(int(_LASTING / _SECONDS)):
        rows, whole, after = await asyncio.to_thread(_new, workspace, after)
        said = msgspec.json.encode({"rows": rows, "more": whole - len(rows)}) if whole else b""
        yield b"data: " + said + b"\n\n" if said else b": nothing yet\n\n"
        if await request.is_disconnected():
            return
        await asyncio.sleep(_SECONDS)


def _new(workspace: Workspace, after: int) -> tuple[list[dict[str, Any]], int, int]:
    """Return the latest arrivals as the page shows them, how many there were in all, and the last request's number."""
    last = workspace.inbox.last()
    if last <= after:
        return [], 0, after
    skipped = max(last - after - _TOGETHER, 0)  # Each a request: of these only their number is shown.
    with closing(Messages(workspace)) as messages:
        table, upto = messages.arrived(after + skipped, _TOGETHER)
    rows = table.slice(max(len(table) - _SHOWN, 0)).to_pylist()
    return [_said(row) for row in rows], len(table) + skipped, upto


def _said(row: dict[str, Any]) -> dict[str, str]:
    where = row["title"] or row["url"] or row["object"] or ""
    return {
        "at": f"{row['received_at']:%H:%M:%S}",
        "who": row["actor"] or "",
        "did": row["verb"] or "",
        "where": where,
        "source": row["source"] or "",
        "fault": row["fault"] or "",
    }


PAGE = Page("/live/arrivals", says="Touches as they arrive, as server-sent events.", endpoint=_arrivals)
