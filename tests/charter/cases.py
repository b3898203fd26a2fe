"""Charters for tests: the small one with changes, and the table of one lead."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from hedgerow.charter.deciding import decide
from hedgerow.charter.facts import Answer, Fact, Lead
from hedgerow.charter.reading import read_charter
from hedgerow.charter.rules import MADE, Charter

SMALL: dict[str, Any] = yaml.load((Path(__file__).parent / "small.yaml").read_text("utf-8"), yaml.BaseLoader)
ENTERED = datetime(2026, 3, 2, 9, tzinfo=UTC)
MUCH_LATER = ENTERED + timedelta(days=5_000)
_TYPES = {"number": pa.decimal128(18, 4), "text": pa.string(), "boolean": pa.bool_()}


def changed(change: Mapping[str, Any]) -> Charter:
    """Return the small charter with the value at each dotted path replaced; None takes it away."""
    raw = deepcopy(SMALL)
    for path, value in change.items():
        *way, last = path.split(".")
        place = raw
        for key in way:
            place = place.setdefault(key, {})
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    return read_charter(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True))


def default(fact: Fact) -> Answer:
    """Return NULL, or what stands for nothing."""
    return None if fact.nullable else fact.values[0] if fact.values is not None else fact.on_entry


def table(charter: Charter, leads: Sequence[Lead]) -> pa.Table:
    """Return leads as a table that can be decided; facts they lack are at their default."""
    columns: dict[str, Any] = {"entered_at": pa.array([ENTERED] * len(leads), pa.timestamp("us", "UTC"))}
    for name, fact in charter.facts.items():
        if name not in MADE:
            values = [lead.get(name, default(fact)) for lead in leads]
            columns[name] = pa.array([_four(value) for value in values], _TYPES[fact.type])
    return pa.table(columns)


def decided(charter: Charter, leads: Sequence[Lead], at: datetime = ENTERED) -> list[dict[str, Any]]:
    """Return what is decided of each lead."""
    rows: list[dict[str, Any]] = decide(charter, table(charter, leads), at).to_pylist()
    return rows


def entering(charter: Charter, lead: Lead, stage: str) -> dict[str, Answer]:
    """Return the lead as it is on entering a stage."""
    stays = {name: fact.on_entry for name, fact in charter.facts.items() if fact.of_stay}
    return {**lead, **stays, "stage": stage}


def _four(value: Answer) -> Answer:
    return value.quantize(Decimal("0.0001")) if isinstance(value, Decimal) else value
