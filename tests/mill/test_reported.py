"""Real spend with the platforms' own figures: right to the printed digit, days without leads included."""

import csv
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hedgerow.collect import import_file, load_map
from hedgerow.ledger import Workspace
from hedgerow.measures import Asked, ask, in_words
from tests.conftest import MAPS, real_data


def _divided(cost: int, by: int) -> str:
    each = (Decimal(cost) / by).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{each:,} INR"


def test_campaigns_cost_what_the_file_says(workspace: Workspace) -> None:
    file = real_data("spend/campaigns_feb2021.csv")
    import_file(workspace, "spend", file, load_map(MAPS / "campaigns_feb2021.toml"))
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with file.open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            for name in (row["campaign_name"].lower(), "(all)"):
                figures = [int(row[column]) for column in ("mark_spent", "leads", "orders", "revenue")]
                sums[name] = [a + b for a, b in zip(sums[name], figures, strict=True)]
    _, said = in_words.table(ask(workspace, "reported_by_campaign", Asked()))
    assert {row[0] for row in said} == set(sums)
    for name, _, cost, leads, orders, revenue, per_lead, per_customer, returned in said:
        spent, led, ordered, earned = sums[name]
        assert (cost, leads, orders) == (f"{spent:,}.00 INR", f"{led:,}", f"{ordered:,}")
        assert revenue == f"{earned:,}.00 INR"
        assert per_lead == (_divided(spent, led) if led else "none")
        assert per_customer == (_divided(spent, ordered) if ordered else "none")
        assert returned == f"{(earned - spent) / spent:.1%}"


def test_a_day_without_leads_costs_nothing_a_lead_rather_than_zero(workspace: Workspace) -> None:
    file = real_data("spend/campaigns_feb2021.csv")
    import_file(workspace, "spend", file, load_map(MAPS / "campaigns_feb2021.toml"))
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["leads"] == "0"]
    assert rows
    month, day, year = (int(part) for part in rows[0]["c_date"].split("/"))
    asked = Asked(date(2000 + year, month, day), date(2000 + year, month, day))
    said = {row[0]: row for row in in_words.table(ask(workspace, "reported_by_campaign", asked))[1]}
    assert said[rows[0]["campaign_name"].lower()][6] == "none"
