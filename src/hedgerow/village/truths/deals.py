"""Deals: how each stands on the last day, and what it truly came from."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.village.life import Life, Truth, origin
from hedgerow.village.sales import early
from hedgerow.village.villagers import numbered, pick


def _deals(life: Life) -> pa.Table:
    """Return a row a deal: who and which account, how it stands on the last day, and what it came from.

    `channel` brought the person's first visit ever, `first_visit`; `origin` caused that visit, `origin_root`
    is the post at the root of the cascade where it was one; `form` made the lead. `amount` is in minor units.
    """
    rows = life.deals
    close = rows["at"][:, 4]
    states = np.where(close < 0, 0, 1 + rows["won"])
    return pa.table(
        {
            "deal": numbered(f"d{life.hamlet.number}-", np.arange(len(rows)), 5),
            **origin(life, rows["person"], life.leads[rows["lead"]]),
            "account": pick(life.hamlet.domain, rows["account"]),
            "colleague": life.persons(rows["colleague"]),
            "state": pick(["open", "lost", "won"], states),
            "amount": pa.array(np.where((close < 0) & (rows["at"][:, 2] < 0), early(rows["amount"]), rows["amount"])),
            "currency": pick(["EUR", "USD"], rows["dollars"].astype(np.int64)),
            "opened_at": life.instants(rows["at"][:, 0]),
            "closed_at": pc.if_else(pa.array(close >= 0), life.instants(close), pa.scalar(None)),
        }
    )


TRUTH = Truth("What deals came from.", _deals)
