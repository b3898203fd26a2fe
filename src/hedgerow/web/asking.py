"""Asking: what a page's or the API's address says, as the parameters of a measure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, zone_of
from hedgerow.measures import Answer, Asked


def asked_of(query: Mapping[str, str]) -> Asked:
    """Return the parameters an address states; empty ones are none. Raises `HedgerowError` for a bad day."""
    return Asked(
        day_of(query.get("since")), day_of(query.get("until")), query.get("by") or None, query.get("model") or None
    )


def query_of(asked: Asked, **more: str) -> str:
    """Return the parameters as the query of an address."""
    said = {
        "since": asked.since.isoformat() if asked.since else "",
        "until": asked.until.isoformat() if asked.until else "",
        "by": asked.by or "",
        "model": asked.model or "",
        **more,
    }
    return urlencode({name: value for name, value in said.items() if value})


def behind_row(answer: Answer, row: Mapping[str, object]) -> str | None:
    """Return the address of the touches behind a row, or None where nothing lies behind it."""
    behind = answer.measure.behind
    if not behind:
        return None
    said = {f"row.{name}": "" if row[name] is None else str(row[name]) for name in behind}
    return f"/measures/{answer.name}/behind?{query_of(answer.asked)}&{urlencode(said)}"


def instants_of(workspace: Workspace, query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the instants `at` and `known` that an address asks for: the end of each day in the workspace's zone.

    None where it says no day, or the present one; raises `HedgerowError` for a bad day.
    """
    at, known = (_end(day_of(query.get(name)), zone_of(workspace)) for name in ("at", "known"))
    return at, known


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None or day == clock.now().astimezone(zone).date() or day == date.max:
        return None
    return datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)


def day_of(text: str | None) -> date | None:
    """Return the day that an address or a form says, None where it says none; raises `HedgerowError` for a bad one."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HedgerowError(f"'{text}' is no day: write it as 2026-01-31.") from None
