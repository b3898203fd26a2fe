"""Asking: a measure's answer for its parameters, computed once for each version of the ledger."""

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hedgerow import __version__
from hedgerow.attribution import choose, model_shelf
from hedgerow.journeys import RULES_VERSION
from hedgerow.kit import HedgerowError, load_shelf, nearest
from hedgerow.ledger import Workspace
from hedgerow.measures.measure import Answer, Asked, Column, Measure
from hedgerow.measures.scope import Scope

_TYPES = {"text": pa.string(), "day": pa.date32(), "count": pa.int64(), "money": pa.int64()}


def shelf() -> dict[str, Measure]:
    """Return every measure there is, by name."""
    return load_shelf("hedgerow.measures.measures", Measure)


def ask(workspace: Workspace, name: str, asked: Asked) -> Answer:
    """Return a measure's answer; one that was computed for this state of the ledger before opens at once.

    Raises `HedgerowError` for a name or a parameter the measure does not know.
    """
    asked = checked(name, asked)
    measure, version, settled = shelf()[name], workspace.version, workspace.settled
    kept = workspace.folder / "cache" / f"{name}-{_digest(workspace, name, asked, settled)}.parquet"
    if settled and kept.exists():
        return Answer(name, measure, asked, pq.read_table(kept), version)
    rows = shaped(measure.expression(Scope(workspace, asked)), measure)
    # What was computed while the mill was turning holds for no state of the ledger, so it is not kept.
    if settled and workspace.settled == settled:
        _keep(kept, rows)
    return Answer(name, measure, asked, rows, version)


def checked(name: str, asked: Asked) -> Asked:
    """Return `asked` with the measure's defaults put in; raises `HedgerowError` where it does not fit."""
    if name not in shelf():
        raise HedgerowError(f"No measure is called '{name}'.{nearest(name, shelf())}")
    measure = shelf()[name]
    by = asked.by or (measure.by[0] if measure.by else None)
    if by and by not in measure.by:
        listed = nearest(by, measure.by) if measure.by else " Leave it out: this measure has no choice of rows."
        raise HedgerowError(f"{name} can't be asked by '{by}'.{listed}")
    if asked.model and measure.models == ():
        raise HedgerowError(f"{name} has no attribution model: leave the model out.")
    specs = [choose(spec.strip()).spec for spec in (asked.model or "").split(",") if spec.strip()]
    if asked.model is not None and measure.models != () and not specs:
        raise HedgerowError(f"'{asked.model}' names no model: leave it out, or use one of {', '.join(model_shelf())}.")
    if len(specs) > 1 and "model" not in {column.name for column in measure.columns}:
        raise HedgerowError(f"{name} is asked by one model at a time: name one of {', '.join(specs)}.")
    if asked.since and asked.until and asked.since > asked.until:
        raise HedgerowError("The first day lies behind the last one: turn them round.")
    default = model_shelf() if measure.models is None else measure.models
    model = ",".join(dict.fromkeys(specs or default)) or None
    return Asked(asked.since, asked.until, by, model)


def shaped(rows: pa.Table, measure: Measure) -> pa.Table:
    """Return `rows` with exactly the measure's columns, each of its unit's type; numbers are floats."""
    columns = [_cast(rows[column.name], column) for column in measure.columns]
    return pa.table(columns, names=[column.name for column in measure.columns])


def _cast(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    return values.cast(_TYPES.get(column.unit, pa.float64()))


def _keep(file: Path, rows: pa.Table) -> None:
    file.parent.mkdir(exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.{id(rows)}")
    pq.write_table(rows, unfinished)
    unfinished.replace(file)
    for old in sorted(file.parent.glob("*.parquet"), key=lambda kept: kept.stat().st_mtime)[:-500]:
        old.unlink(missing_ok=True)


def _digest(workspace: Workspace, name: str, asked: Asked, settled: str | None) -> str:
    said = repr((__version__, RULES_VERSION, workspace.settings, name, asked, settled))
    return hashlib.sha256(said.encode()).hexdigest()[:24]
