"""Reading: a table of a person's own, from a file, and what a check of it finds."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from hedgerow.kit import HedgerowError
from hedgerow.score.prediction.leakage import Suspect, suspects
from hedgerow.score.prediction.model import Model
from hedgerow.score.prediction.training import came_of, refuse_names, times_of, train


@dataclass(frozen=True)
class Checked:
    """A table's suspects, and the model it makes without them; `refused` says why it makes none."""

    suspects: tuple[Suspect, ...]
    model: Model | None
    refused: str


def read(file: Path) -> pa.Table:
    """Return a CSV (also .gz, .zst) or Parquet file as a table; raises `HedgerowError` where it is neither."""
    try:
        if file.suffix == ".parquet":
            return parquet.read_table(file)
        return csv.read_csv(file, convert_options=csv.ConvertOptions(strings_can_be_null=True))
    except (OSError, pa.ArrowInvalid) as error:
        said = str(error).splitlines()[0]
        raise HedgerowError(f"{file} can't be read as a table ({said}): name a CSV or Parquet file.") from None


def check(
    table: pa.Table, outcome: str, at: str, trust: Collection[str] = (), came_at: str | None = None,
    stated: dict[str, str] | None = None,
) -> Checked:  # fmt: skip
    """Return what is suspect in a table, and the model trained without it; `trust` lets columns in all the same.

    `came_at` and `stated` name columns of times, as `suspects` has them; they are not learned from.
    """
    times = {name for name in (came_at, *(stated or {}).values()) if name}
    refuse_names(table, (outcome, at, *trust, *times, *(stated or {})))
    came, order = came_of(table, outcome), np.argsort(times_of(table, at), kind="stable")
    order = order[~np.isnan(came[order])]
    rows = table.take(pa.array(order)).drop_columns([outcome])
    found = suspects(rows, came[order], at, stated=stated, came_at=came_at)
    late = {each.column for each in found} - set(trust)
    try:
        return Checked(found, train(table, outcome, at, leave_out=late | times, trust=trust), "")
    except HedgerowError as refusal:
        return Checked(found, None, refusal.sentence)
