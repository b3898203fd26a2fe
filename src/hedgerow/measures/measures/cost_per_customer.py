"""Cost per customer, by channel and campaign."""

import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope
from hedgerow.measures.spending import per_earned


def _expression(scope: Scope) -> pa.Table:
    return per_earned(scope, "customers", "cost_per_customer")


MEASURE = Measure(
    question="What does a customer cost?",
    says="What was spent on a channel for each customer it earned; a person or account becomes a customer with its "
    "first outcome, which is divided among the touches that led there by the model.",
    columns=(
        Column("channel", "text", "the channel, or all of them"),
        Column("currency", "text", "the currency of the cost"),
        Column("cost", "money", "what was spent"),
        Column("customers", "number", "customers earned, in parts"),
        Column("cost_per_customer", "money", "cost for each customer; none where there was none, or no cost"),
    ),
    chart=Chart("bar", "channel", ("cost_per_customer",)),
    expression=_expression,
    by=("channel_group", "channel", "campaign"),
    models=("last_touch",),
)
