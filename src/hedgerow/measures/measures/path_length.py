"""Path length: how many touches lead to an outcome."""

import numpy as np
import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    sizes = [paths.sizes[paths.converted] for paths in scope.journeys]
    counts = np.bincount(np.concatenate(sizes)) if sizes else np.zeros(0, np.int64)
    met = np.flatnonzero(counts)
    share = counts[met] / max(1, counts.sum())
    return pa.table({"touches": met, "outcomes": counts[met], "share": share, "up_to": np.cumsum(share)})


MEASURE = Measure(
    question="How many touches does an outcome take?",
    says="Outcomes by the number of touches within the lookback window that led to them; none is a number too.",
    columns=(
        Column("touches", "count", "touches on the journey"),
        Column("outcomes", "count", "outcomes with so many"),
        Column("share", "share", "of all outcomes"),
        Column("up_to", "share", "of all outcomes, with so many touches or fewer"),
    ),
    chart=Chart("bar", "touches", ("outcomes",)),
    expression=_expression,
)
