"""What the platforms report of themselves, by campaign."""

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.spending import reported

MEASURE = Measure(
    question="What do the platforms say came of the spend?",
    says="Each platform's own figures, as it reported them; they are never mixed with what the ledger counts.",
    columns=(
        Column("campaign", "text", "the campaign or channel, or all of them"),
        Column("currency", "text", "the currency of cost and revenue"),
        Column("cost", "money", "what was spent"),
        Column("reported_leads", "count", "leads the platform reports"),
        Column("reported_orders", "count", "orders the platform reports"),
        Column("reported_revenue", "money", "revenue the platform reports"),
        Column("cost_per_reported_lead", "money", "cost for each reported lead; none without one"),
        Column("cost_per_reported_customer", "money", "cost for each reported order; none without one"),
        Column("reported_return", "share", "reported revenue less cost, of the cost"),
    ),
    chart=Chart("bar", "campaign", ("cost", "reported_revenue")),
    expression=reported,
    by=("campaign", "channel", "channel_group"),
)
