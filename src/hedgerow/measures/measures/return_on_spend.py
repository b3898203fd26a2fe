"""Return on spend, by channel and campaign."""

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.spending import returned

MEASURE = Measure(
    question="What comes back for what is spent?",
    says="The value a channel earned by the model beside what was spent on it, in one currency at a time.",
    columns=(
        Column("channel", "text", "the channel, or all of them"),
        Column("currency", "text", "the currency of cost and value"),
        Column("cost", "money", "what was spent"),
        Column("value", "money", "value earned"),
        Column("return_on_spend", "ratio", "value for each unit of cost; none where nothing was spent"),
    ),
    chart=Chart("bar", "channel", ("cost", "value")),
    expression=returned,
    by=("channel_group", "channel", "campaign"),
    models=("last_touch",),
)
