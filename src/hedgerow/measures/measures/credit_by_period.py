"""Credit by period: the books, closed months and the open rest."""

import pyarrow as pa

from hedgerow.attribution import books
from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    rows = pa.concat_tables([books(scope.workspace, spec).rows(spec) for spec in scope.models])
    return rows.append_column("conversions", pa.compute.divide(rows["millionths"].cast(pa.float64()), 1e6))


MEASURE = Measure(
    question="What do the books say, period by period?",
    says="Closed periods keep the credit they were closed with; the open one holds its own outcomes and whatever has "
    "changed in closed ones since. All together they are every outcome's value, to the cent.",
    columns=(
        Column("period", "text", "a closed month, or open"),
        Column("model", "text", "the attribution model"),
        Column("channel", "text", "the channel that earned, or unattributed"),
        Column("currency", "text", "the currency of the value"),
        Column("conversions", "number", "outcomes earned, in parts"),
        Column("value", "money", "value earned"),
    ),
    chart=Chart("bar", "channel", ("value",), split="period"),
    expression=_expression,
    models=("linear",),
)
