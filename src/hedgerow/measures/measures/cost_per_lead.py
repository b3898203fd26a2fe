"""Cost per lead, by channel and campaign."""

import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope
from hedgerow.measures.spending import per_earned


def _expression(scope: Scope) -> pa.Table:
    return per_earned(scope, "leads", "cost_per_lead")


MEASURE = Measure(
    question="What does a lead cost?",
    says="What was spent on a channel for each lead it earned; a person becomes a lead with their first form or "
    "registration, and the lead is divided among the touches that led there by the model.",
    columns=(
        Column("channel", "text", "the channel, or all of them"),
        Column("currency", "text", "the currency of the cost"),
        Column("cost", "money", "what was spent"),
        Column("leads", "number", "leads earned, in parts"),
        Column("cost_per_lead", "money", "cost for each lead; none where there was no lead or no cost"),
    ),
    chart=Chart("bar", "channel", ("cost_per_lead",)),
    expression=_expression,
    by=("channel_group", "channel", "campaign"),
    models=("last_touch",),
)
