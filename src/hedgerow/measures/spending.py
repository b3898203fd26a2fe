"""Spending: what was spent beside what it earned, with nothing ever divided by nothing."""

from typing import Literal

import pyarrow as pa

from hedgerow.measures.scope import Scope

Earned = Literal["leads", "customers"]
ALL = "(all)"

_COST = "SELECT {by} AS label, currency, sum(cost) AS cost FROM spent GROUP BY ALL"


def per_earned(scope: Scope, earned: Earned, ratio: str) -> pa.Table:
    """Return by channel and currency the cost, the leads or customers earned in parts, and cost for each.

    The last row of a currency is all its channels. Leads have no currency: each cost meets all of them.
    """
    credited = scope.first_credit(earned).rows(scope.models[0])
    query = f"""
        WITH costs AS ({_COST.format(by=scope.by)}),
        counts AS (SELECT channel AS label, sum(millionths) / 1e6 AS parts FROM credited GROUP BY ALL),
        each_one AS (
            SELECT coalesce(costs.label, counts.label) AS label, currency, cost, coalesce(parts, 0) AS parts,
                   0 AS last FROM costs FULL JOIN counts ON counts.label = costs.label
            UNION ALL
            SELECT '{ALL}', currency, sum(cost), (SELECT coalesce(sum(parts), 0) FROM counts), 1
            FROM costs GROUP BY currency
            UNION ALL
            SELECT '{ALL}', NULL, NULL, (SELECT coalesce(sum(parts), 0) FROM counts), 1 WHERE NOT EXISTS (FROM costs)
        )
        SELECT label AS channel, currency, cost::BIGINT AS cost, parts AS {earned},
               round(cost / nullif(parts, 0))::BIGINT AS {ratio}
        FROM each_one ORDER BY last, cost DESC NULLS LAST, parts DESC, label
    """
    return scope.workspace.engine.sql(query, spent=scope.spend(), credited=credited)


def returned(scope: Scope) -> pa.Table:
    """Return by channel and currency the cost, the value earned, and value for each unit of cost."""
    credited = scope.credit()[0].rows(scope.models[0])
    query = f"""
        WITH costs AS ({_COST.format(by=scope.by)}),
        earned AS (
            SELECT channel AS label, currency, sum(value) AS value FROM credited WHERE currency IS NOT NULL GROUP BY ALL
        ),
        each_one AS (
            SELECT coalesce(costs.label, earned.label) AS label, coalesce(costs.currency, earned.currency) AS currency,
                   cost, coalesce(value, 0) AS value, 0 AS last
            FROM costs FULL JOIN earned ON costs.label = earned.label AND costs.currency = earned.currency
        ),
        everyone AS (SELECT '{ALL}', currency, sum(cost), sum(value), 1 FROM each_one GROUP BY currency)
        SELECT label AS channel, currency, cost::BIGINT AS cost, value::BIGINT AS value,
               value / nullif(cost, 0) AS return_on_spend
        FROM (FROM each_one UNION ALL FROM everyone) ORDER BY last, cost DESC NULLS LAST, value DESC, label
    """
    return scope.workspace.engine.sql(query, spent=scope.spend(), credited=credited)


def reported(scope: Scope) -> pa.Table:
    """Return by campaign and currency the platforms' own figures; the last row of a currency is all of them."""
    sums = ", ".join(
        f"sum({name})::BIGINT AS {name}" for name in ("cost", "reported_leads", "reported_orders", "reported_revenue")
    )
    query = f"""
        WITH each_one AS (SELECT {scope.by} AS label, currency, {sums}, 0 AS last FROM spent GROUP BY ALL),
        everyone AS (SELECT '{ALL}' AS label, currency, {sums}, 1 FROM each_one GROUP BY currency)
        SELECT label AS campaign, currency, cost, reported_leads, reported_orders, reported_revenue,
               round(cost / nullif(reported_leads, 0))::BIGINT AS cost_per_reported_lead,
               round(cost / nullif(reported_orders, 0))::BIGINT AS cost_per_reported_customer,
               (reported_revenue - cost) / nullif(cost, 0) AS reported_return
        FROM (FROM each_one UNION ALL FROM everyone) ORDER BY last, cost DESC, label
    """
    return scope.workspace.engine.sql(query, spent=scope.spend())
