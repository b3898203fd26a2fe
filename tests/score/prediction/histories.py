"""Made-up histories: leads in order of arrival whose outcome depends on some columns, with more planted at will."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Values = NDArray[np.generic]
Plant = Callable[[np.random.Generator, NDArray[np.bool_]], list[object]]


def history(rows: int = 1500, seed: int = 1, plant: Mapping[str, Plant] | None = None) -> pa.Table:
    """Return leads: visits and a channel tell of the outcome, size and region do not; visits are sometimes missing."""
    random = np.random.default_rng(seed)
    visits = random.poisson(4, rows)
    channel = random.choice(["Search", "search ", "Social", "Referral", "Select"], rows)
    size = random.normal(50, 20, rows)
    region = random.choice(["North", "South", "East"], rows)
    lifted = np.isin(channel, ["Referral"]) * 1.8 - np.isin(channel, ["Social"]) * 1.2
    came = random.random(rows) < 1 / (1 + np.exp(-(0.5 * (visits - 4) + lifted - 0.4)))
    planted = {name: make(random, came) for name, make in (plant or {}).items()}
    return pa.table(
        {
            "number": np.arange(rows) + 1000,
            "visits": pa.array([None if random.random() < 0.1 else int(v) for v in visits]),
            "channel": channel.tolist(),
            "size": size,
            "region": region.tolist(),
            **planted,
            "won": pa.array(np.where(came, "Yes", "No").tolist()),
        }
    )
