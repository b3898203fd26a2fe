"""Time to convert: how long an outcome takes from the first touch."""

import numpy as np
import pyarrow as pa

from hedgerow.journeys import Paths
from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope

_DAY = 86_400_000_000


def _expression(scope: Scope) -> pa.Table:
    days = [_days(paths) for paths in scope.journeys]
    counts = np.bincount(np.concatenate(days)) if days else np.zeros(0, np.int64)
    met = np.flatnonzero(counts)
    share = counts[met] / max(1, counts.sum())
    return pa.table({"days": met, "outcomes": counts[met], "share": share, "up_to": np.cumsum(share)})


def _days(paths: Paths) -> np.ndarray:
    led = paths.converted & (paths.sizes > 0)
    return (paths.ended_at[led] - paths.at[paths.bounds[:-1][led]]) // _DAY


MEASURE = Measure(
    question="How long does an outcome take?",
    says="Outcomes by whole days from the first touch within the lookback window; those without a touch are left out.",
    columns=(
        Column("days", "count", "whole days from first touch to outcome"),
        Column("outcomes", "count", "outcomes that took so long"),
        Column("share", "share", "of all outcomes that touches led to"),
        Column("up_to", "share", "of them, in so many days or fewer"),
    ),
    chart=Chart("bar", "days", ("outcomes",)),
    expression=_expression,
)
