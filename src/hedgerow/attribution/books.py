"""The books: closed periods keep the credit they were closed with; what changes later is posted to the open one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import msgspec
import pyarrow as pa

from hedgerow.attribution.credit import UNATTRIBUTED, Credited, credit, credits_by
from hedgerow.attribution.model import choose, model_shelf
from hedgerow.journeys import walk, way_of
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import OWN, Touch, Workspace, zone_of

OPEN = "open"
Amounts = dict[tuple[str, str | None], tuple[int, int]]


@dataclass(frozen=True)
class Books:
    """The credit of one model by period: what was frozen for each closed one, and what is open."""

    closed: dict[str, Amounts]
    open: Amounts

    def rows(self, model: str) -> pa.Table:
        """Return one row for each period, channel and currency: value in minor units, millionths of outcomes."""
        periods = [*self.closed.items(), (OPEN, self.open)]
        rows = [
            {"period": period, "model": model, "channel": channel, "currency": currency, "value": v, "millionths": n}
            for period, amounts in periods
            for (channel, currency), (v, n) in sorted(amounts.items(), key=lambda item: (-item[1][0], str(item[0])))
        ]
        return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("period", pa.string()),
        ("model", pa.string()),
        ("channel", pa.string()),
        ("currency", pa.string()),
        ("value", pa.int64()),
        ("millionths", pa.int64()),
    ]
)


def books(workspace: Workspace, model: str) -> Books:
    """Return the books by a model of the shelf, with its settings' defaults.

    Every closed period shows what it was closed with. The open one shows all the ledger's credit less what is
    closed: its own outcomes, and what late touches or better models have changed in closed periods since. So the
    books always add up to the credit of every outcome.
    """
    model = choose(model).spec
    closed = {period: totals.get(model, {}) for period, totals in _closed(workspace).items()}
    journeys = walk(workspace, way_of(workspace))
    return Books(closed, _less(_amounts(credit(journeys, model)), closed.values()))


def close_period(workspace: Workspace, month: str, by: str) -> None:
    """Close the books up to the end of `month` (2026-09): an entry in the ledger freezes every model's totals.

    Raises `HedgerowError` for a month that is not over, or not behind the last closed one.
    """
    begins = _month(month)
    if begins >= clock.now().date():
        raise HedgerowError(f"{month} is not over: close a month that is.")
    ends = date(begins.year + begins.month // 12, begins.month % 12 + 1, 1)
    edge = datetime.combine(ends, time(), zone_of(workspace))
    closed = _closed(workspace)
    if edge > clock.now():
        raise HedgerowError(f"{month} is not over: close a month that is.")
    if closed and month <= max(closed):
        raise HedgerowError(f"The books are closed up to {max(closed)}: close a later month.")
    until = walk(workspace, way_of(workspace)).only(lambda paths: paths.ended_within(0, clock.microseconds(edge)))
    credited = dict(zip(model_shelf(), credits_by(until, list(model_shelf())), strict=True))
    frozen = {
        model: [
            [channel, currency, value, millionths]
            for (channel, currency), (value, millionths) in _less(
                _amounts(credited[model]), [totals.get(model, {}) for totals in closed.values()]
            ).items()
        ]
        for model in model_shelf()
    }
    entry = Touch(
        occurred_at=clock.now(),
        source=OWN,
        verb="close",
        actor=by,
        object=f"period:{month}",
        sender_id=f"close:{month}",
        properties=msgspec.json.encode(frozen).decode(),
    )
    workspace.inbox.accept([entry])


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise HedgerowError(f"'{text}' is no month: write it as 2026-09.") from None


def _closed(workspace: Workspace) -> dict[str, dict[str, Amounts]]:
    entries = workspace.engine.sql(
        "SELECT substr(object, 8) AS period, properties FROM touches WHERE verb = 'close' ORDER BY object"
    )
    return {
        row["period"]: {
            model: {(channel, currency): (value, count) for channel, currency, value, count in amounts}
            for model, amounts in msgspec.json.decode(row["properties"]).items()
        }
        for row in entries.to_pylist()
    }


def _amounts(credited: Credited) -> Amounts:
    rows = credited.rows("").to_pylist()
    return {(row["channel"], row["currency"]): (row["value"], row["millionths"]) for row in rows}


def _less(whole: Amounts, taken: Iterable[Amounts]) -> Amounts:
    left: dict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for key, (value, count) in whole.items():
        left[key] = [value, count]
    for amounts in taken:
        for key, (value, count) in amounts.items():
            left[key][0] -= value
            left[key][1] -= count
    return {key: (value, count) for key, (value, count) in left.items() if value or count or key[0] == UNATTRIBUTED}
