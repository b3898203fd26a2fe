"""Credit by channel and model, side by side."""

import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    parts = [part.rows(spec) for part, spec in zip(scope.credit(), scope.models, strict=True)]
    rows = pa.concat_tables(parts)
    return rows.append_column("conversions", pa.compute.divide(rows["millionths"].cast(pa.float64()), 1e6))


MEASURE = Measure(
    question="Which channels earn the outcomes?",
    says="The value of every outcome divided among the touches that led to it, by each model; what nothing led to "
    "is its own row, unattributed. Each model's rows sum to all outcomes and their value, to the cent.",
    columns=(
        Column("model", "text", "the attribution model"),
        Column("channel", "text", "the channel that earned, or unattributed"),
        Column("currency", "text", "the currency of the value"),
        Column("conversions", "number", "outcomes earned, in parts"),
        Column("value", "money", "value earned"),
    ),
    chart=Chart("bar", "channel", ("value",), split="model"),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
    models=None,
    behind=("model", "channel", "currency"),
)
