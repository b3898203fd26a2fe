"""Paths: the distinct ways that journeys take."""

import pyarrow as pa

from hedgerow.journeys import distinct
from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    return distinct(scope.journeys)


MEASURE = Measure(
    question="Which ways do journeys take?",
    says="Each distinct sequence of channels, with how many journeys took it and how many of those converted; runs "
    "of the same channel are kept as they were.",
    columns=(
        Column("path", "text", "channels in order"),
        Column("journeys", "count", "journeys that took it"),
        Column("converted", "count", "those that ended in an outcome"),
        Column("conversion", "share", "converted of journeys"),
    ),
    chart=Chart("bar", "path", ("journeys", "converted")),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
)
