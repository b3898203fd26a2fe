"""Deals: a row for each stage that a deal reached; later rows restate it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.village.life import Export, Life, Sheet, decimal, iso, untidy
from hedgerow.village.sales import early
from hedgerow.village.villagers import Chance, joined, numbered, pick, words


def _deals(chance: Chance, life: Life) -> Sheet:
    """Return a row for each stage a deal reached; later rows of a deal restate it."""
    hamlet, reached = life.hamlet, life.deals["at"] >= 0
    place, stage = np.nonzero(reached)
    rows = life.deals[place]
    at = rows["at"][np.arange(len(rows)), stage]
    last = life.deals["at"].shape[1] - 1
    names = [*words()["stages"], "Closed lost", "Closed won"]
    spelled = np.where(stage == last, last + rows["won"], stage)
    amount = np.where(stage < 2, early(rows["amount"]), rows["amount"])
    columns = {
        "deal_id": numbered(f"d{hamlet.number}-", place, 5),
        "name": joined(pick(hamlet.account_name, rows["account"]), ": Whistle"),
        "domain": pick(hamlet.domain, rows["account"]),
        "contact": hamlet.email.take(pa.array(rows["person"])),
        "contact_2": pick(hamlet.email, rows["colleague"]),
        "stage": untidy(pick(names, spelled), np.arange(len(rows))),
        "amount": decimal(amount, ","),
        "currency": pick(["EUR", "USD"], rows["dollars"].astype(np.int64)),
        "owner": pick(words()["owners"], rows["account"] % len(words()["owners"])),
        "created": iso(life, rows["at"][:, 0], " ", ""),
        "closed": pc.if_else(pa.array(stage == last), iso(life, at, " ", ""), pa.scalar(None, pa.string())),
        "modified": iso(life, at, " ", ""),
    }
    return Sheet("deals", pa.table(columns), at)


EXPORT = Export(
    "Every stage that a deal reached.",
    "deals.csv",
    _deals,
    bad=(("its currency is unknown", {"currency": "EURO"}), ("its time can't be read", {"modified": "soon"})),
    orderly=True,
)
