"""What is expected in the ledger of what a client sent: cases in files, compared column by column."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from hedgerow.access import Key
from hedgerow.ledger.touch import STATED

COLUMNS = [name for name in STATED.names if name not in ("sender_id", "source", "said_at")]


Own = Callable[[dict[str, Any]], object]
"""Takes out of a touch's properties what the client adds to all it sends, after a look at it."""


@dataclass(frozen=True)
class Case:
    """What is sent, and the columns of its touch that have a value."""

    it: str
    call: dict[str, Any]
    touch: dict[str, Any]


def cases(file: str, client: str = "") -> list[Case]:
    """Return the cases of a file for a client: what differs for it is said under `but`."""
    listed = yaml.safe_load((Path(__file__).parent / file).read_text("utf-8"))
    mine = [case for case in listed if client in case.get("only", [client])]
    return [each for case in mine for each in _cases(case, case.get("but", {}).get(client, {}))]


def _cases(case: dict[str, Any], but: dict[str, Any]) -> Iterator[Case]:
    yield Case(case["it"], case["call"], _over(case["touch"], but.get("touch", {})))
    if "beside" in case:
        yield Case(f"{case['it']} (what stands beside it)", {}, case["beside"])


def _over(first: Any, second: Any) -> Any:
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return first | {name: _over(first.get(name), value) for name, value in second.items()}


def touch_id(key: Key, sender_id: str) -> str:
    """Return the id of the touch that a sender's id stands for."""
    return hashlib.sha256(f"{key.source}\x1fid\x1f{sender_id}".encode()).hexdigest()[:32]


def expect(
    touches: Sequence[Mapping[str, Any]], key: Key, wanted: Sequence[Case], ids: Sequence[str | None], own: Own
) -> None:
    """Hold each case against its touch; one whose id its client did not tell is the one that is left."""
    mine = {touch["touch_id"]: touch for touch in touches if touch["source"] == key.source}
    assert len(mine) == len(wanted) == len(ids)
    told = [touch_id(key, sender_id) if sender_id else None for sender_id in ids]
    left = sorted(set(mine) - set(told))
    wrong: dict[str, Any] = {}
    for case, told_id in zip(wanted, told, strict=True):
        touch = mine[told_id or left[0]]
        found, expected = seen(touch, own), _expected(case, touch)
        differing = [name for name in COLUMNS if found.get(name) != expected.get(name)]
        if differing:
            wrong[case.it] = {name: (found.get(name), "expected", expected.get(name)) for name in differing}
    assert not wrong, yaml.safe_dump(wrong, allow_unicode=True)


def seen(touch: Mapping[str, Any], own: Own) -> dict[str, Any]:
    """Return the columns of a touch that have a value, without what its client adds of its own."""
    found = {name: touch[name] for name in COLUMNS if touch[name] is not None}
    found["properties"] = json.loads(touch["properties"])
    own(found["properties"])
    return found


def _expected(case: Case, touch: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a case expects; "now" is the time of arrival, to a few seconds."""
    at = case.touch["occurred_at"]
    if at == "now":
        arrived = touch["received_at"]
        assert datetime.now(UTC) - arrived < timedelta(minutes=1)
        assert timedelta(0) <= arrived - touch["occurred_at"] < timedelta(seconds=30)
        at = touch["occurred_at"]
    return {**case.touch, "occurred_at": at}
