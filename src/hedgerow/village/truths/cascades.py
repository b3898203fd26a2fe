"""Cascades: how each post spread, every reshare with its true parent."""

import numpy as np
import pyarrow as pa

from hedgerow.village import talk, visits
from hedgerow.village.life import Life, Truth, parents
from hedgerow.village.villagers import pick, words


def _cascades(life: Life) -> pa.Table:
    """Return a row a post or reshare: its root, true parent, generation (0 at the root) and author."""
    spread = np.flatnonzero(life.said["kind"] <= talk.SHARE)
    if life.hamlet.number:
        spread = spread[spread >= life.company]
    said = life.said[spread]
    return pa.table(
        {
            "root": life.ids(visits.SAID_IT, said["root"]),
            "touch": life.ids(visits.SAID_IT, spread),
            "parent": parents(life, visits.SAID_IT, said["parent"]),
            "generation": pa.array(said["generation"].astype(np.int64)),
            "person": life.persons(said["person"]),
            "network": pick([each["name"] for each in words()["network"]], said["network"].astype(np.int64)),
            "occurred_at": life.instants(said["at"]),
        }
    )


TRUTH = Truth("How posts spread.", _cascades)
