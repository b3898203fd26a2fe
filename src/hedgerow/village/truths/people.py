"""People: who is who, with every identifier they have."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.village import visits
from hedgerow.village.life import Life, Truth
from hedgerow.village.villagers import joined, pick, words


def _people(life: Life) -> pa.Table:
    """Return a row a person: name, employer, role, and every identifier they have, as kind:value.

    A person in `shares` uses this person's devices now and then, so that their cookies are the same.
    """
    hamlet, number = life.hamlet, np.arange(len(life.hamlet))
    shares = np.full(len(hamlet), -1)
    borrower = np.flatnonzero(hamlet.borrows >= 0)
    shares[hamlet.borrows[borrower]] = borrower
    return pa.table(
        {
            "person": life.persons(number),
            "name": hamlet.name,
            "account": pick(hamlet.domain, hamlet.account),
            "account_name": pick(hamlet.account_name, hamlet.account),
            "role": hamlet.role,
            "email": hamlet.email,
            "is_advocate": pa.array(hamlet.advocate),
            "shares": life.persons(shares),
            "identifiers": _identifiers(life),
        }
    )


def _identifiers(life: Life) -> pa.Array:
    hamlet, everybody = life.hamlet, np.arange(len(life.hamlet))
    wrong = life.events["person"][life.events["address"] == visits.MISTYPED]
    employed = np.flatnonzero(hamlet.account >= 0)
    called = np.unique(life.calls["person"])
    mistyped = pc.replace_substring(hamlet.email, ".example", ".exmaple")
    owned = [
        (everybody, joined("email:", hamlet.email)),
        (employed, joined("email:", hamlet.personal_email.take(pa.array(employed)))),
        (wrong, joined("email:", mistyped.take(pa.array(wrong)))),
        (np.repeat(everybody, np.diff(hamlet.devices)), joined("anonymous:", hamlet.device)),
        (called, joined("crm:", pa.array(10_001 + hamlet.first + called).cast(pa.string()))),
    ]
    kinds = [each["name"] for each in words()["network"]]
    for place, (kind, handle) in enumerate(zip([*kinds, "forum"], [*hamlet.handles, hamlet.handles[2]], strict=True)):
        there = np.flatnonzero(hamlet.on[:, place])
        owned.append((there, joined(f"{kind}:", handle.take(pa.array(there)))))
    person = np.concatenate([who for who, _ in owned])
    order = np.argsort(person, kind="stable")
    ends = np.searchsorted(person[order], np.arange(len(hamlet) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(ends, pa.concat_arrays([ids for _, ids in owned]).take(pa.array(order)))


TRUTH = Truth("Who is who, with every identifier.", _people)
