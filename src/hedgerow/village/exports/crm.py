"""CRM: the calls, meetings and demos that salespeople wrote down."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.village import sales, visits
from hedgerow.village.life import Export, Life, Sheet, untidy
from hedgerow.village.villagers import Chance, joined, pick, words


def _crm(chance: Chance, life: Life) -> Sheet:
    """Return the calls, meetings and demos that salespeople wrote down."""
    rows, hamlet = life.calls, life.hamlet
    number, person = np.arange(len(rows)), rows["person"]
    local = (
        pa.array(rows["at"] + life.season.epoch).cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("s", "Europe/Berlin"))
    )
    name = hamlet.name.take(pa.array(person))
    slipped = number % 41 == 11
    without = joined(pc.utf8_slice_codeunits(name, 0, 1), pc.utf8_slice_codeunits(name, 2, 99))
    owner = hamlet.account[person] % len(words()["owners"])
    columns = {
        "id": life.ids(visits.CRM, number),
        "kind": untidy(pick(sales.CALLS, rows["kind"].astype(np.int64)), number),
        "at": pc.strftime(local, "%d.%m.%Y %H:%M"),
        "contact_id": pa.array(10_001 + hamlet.first + person).cast(pa.string()),
        "email": pick(hamlet.email, np.where(number % 5 == 4, -1, person)),
        "linkedin": pick(hamlet.handles[2], np.where(hamlet.on[person, 2] & (person % 2 == 0), person, -1)),
        "name": pc.if_else(pa.array(slipped), without, name),
        "job": hamlet.role.take(pa.array(person)),
        "domain": pick(hamlet.domain, hamlet.account[person]),
        "owner": pick(words()["owners"], owner),
    }
    return Sheet(
        "crm",
        pa.table(columns),
        rows["at"].copy(),
        [(np.flatnonzero(slipped), "typo", "the name lacks a letter")],
    )


EXPORT = Export(
    "Calls, meetings and demos.",
    "crm.csv",
    _crm,
    bad=(("its time can't be read", {"at": "32.13.2026 10:00"}), ("it names nobody", {"contact_id": None})),
)
