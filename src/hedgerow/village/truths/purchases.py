"""Purchases: what was paid by card, and what it truly came from."""

import numpy as np
import pyarrow as pa

from hedgerow.village import visits
from hedgerow.village.life import Life, Truth, origin


def _purchases(life: Life) -> pa.Table:
    """Return a row a purchase by card, with its value in minor units of EUR and what it came from."""
    number = np.flatnonzero(life.events["event"] == visits.PURCHASE)
    rows = life.events[number]
    lead = np.searchsorted(life.leads["person"], rows["person"])
    return pa.table(
        {
            "purchase": life.ids(visits.WEB, number),
            **origin(life, rows["person"], life.leads[lead]),
            "value": pa.array(rows["amount"]),
            "occurred_at": life.instants(rows["at"]),
        }
    )


TRUTH = Truth("What purchases came from.", _purchases)
