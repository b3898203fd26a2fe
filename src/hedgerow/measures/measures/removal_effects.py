"""Removal effects: what Markov's chain loses without a channel."""

import pyarrow as pa

from hedgerow.attribution import classic_totals
from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    return pa.concat_tables([classic_totals(scope.journeys, spec) for spec in scope.models])


MEASURE = Measure(
    question="What would be lost without a channel?",
    says="The share of conversions a Markov chain of the journeys loses when a channel's states lead nowhere, and "
    "the outcomes that touches led to shared by it: Markov's classic totals, beside the postings of each outcome.",
    columns=(
        Column("model", "text", "the model with its order"),
        Column("channel", "text", "the channel taken away"),
        Column("removal_effect", "share", "conversions lost without it"),
        Column("currency", "text", "the currency of the value"),
        Column("conversions", "number", "those outcomes, shared by removal effect"),
        Column("value", "money", "their value, shared by removal effect"),
    ),
    chart=Chart("bar", "channel", ("removal_effect",), split="model"),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
    models=("markov",),
)
