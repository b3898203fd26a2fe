"""Journeys and conversion by channel."""

import numpy as np
import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    labels = scope.journeys.labels
    journeys, converted = (np.zeros(len(labels), np.int64) for _ in range(2))
    for paths in scope.journeys:
        pairs = np.unique(paths.journey * len(labels) + paths.label)
        label, ended = pairs % max(1, len(labels)), paths.converted[pairs // max(1, len(labels))]
        journeys += np.bincount(label, minlength=len(labels))
        converted += np.bincount(label[ended], minlength=len(labels))
    met = np.flatnonzero(journeys)
    met = met[np.argsort(-journeys[met], kind="stable")]
    return pa.table(
        {
            "channel": pa.array([labels[place] for place in met], pa.string()),
            "journeys": journeys[met],
            "converted": converted[met],
            "conversion": converted[met] / journeys[met],
        }
    )


MEASURE = Measure(
    question="Which channels lie on journeys that convert?",
    says="Journeys that met a channel at least once, and how many of them ended in an outcome.",
    columns=(
        Column("channel", "text", "the channel"),
        Column("journeys", "count", "journeys with at least one touch of it"),
        Column("converted", "count", "those that ended in an outcome"),
        Column("conversion", "share", "converted of journeys"),
    ),
    chart=Chart("bar", "channel", ("journeys", "converted")),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
    behind=("channel",),
)
