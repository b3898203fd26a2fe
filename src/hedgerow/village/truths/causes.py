"""Causes: what truly caused each touch."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from hedgerow.kit.money import Integers
from hedgerow.village import sales, visits
from hedgerow.village.life import Life, Truth, parents
from hedgerow.village.villagers import Rows, pick, words


def _causes(life: Life) -> pa.Table:
    """Return a row a touch: its source and id, its person, its true cause, and how many touches back it goes.

    `cause` is a touch's id, or a name such as ad:always-on-search for what no file holds; null where nothing
    caused it. `channel` is what truly brought a visit, null for other touches. Bots have no row here.
    """
    return pa.concat_tables(_by_source(life))


def _by_source(life: Life) -> Iterator[pa.Table]:
    first = life.company if life.hamlet.number else 0
    number = np.arange(first, len(life.said))
    said = life.said[first:]
    yield _caused(life, "social", visits.SAID_IT, number, said, parents(life, visits.SAID_IT, said["parent"]))
    forum, number = life.forum, np.arange(len(life.forum))
    yield _caused(life, "community", visits.FORUM, number, forum, parents(life, visits.FORUM, forum["parent"]))
    events = life.events
    brought = np.where(events["way"] >= 0, events["channel"].astype(np.int64), -1)
    channel = pick([each["name"] for each in words()["channel"]], brought)
    cause = life.causes(events["kind"], events["cause"])
    yield _caused(life, "web", visits.WEB, np.arange(len(events)), events, cause, channel)
    number = np.flatnonzero(~life.mailed["scanner"])
    mailed = life.mailed[number]
    kind = np.where(mailed["letter"] == sales.SEND, visits.WEB, visits.MAIL)
    yield _caused(life, "mail", visits.MAIL, number, mailed, life.causes(kind, mailed["cause"]))
    calls = life.calls
    yield _caused(life, "crm", visits.CRM, np.arange(len(calls)), calls, life.ids(visits.WEB, calls["cause"]))


def _caused(
    life: Life,
    source: str,
    kind: int,
    number: Integers,
    rows: Rows,
    cause: pa.Array,
    channel: pa.Array | None = None,
) -> pa.Table:
    return pa.table(
        {
            "source": pick([f"village_{source}"], np.zeros(len(rows), np.int64)),
            "touch": life.ids(kind, number),
            "person": life.persons(rows["person"]),
            "occurred_at": life.instants(rows["at"]),
            "cause": cause,
            "generation": pa.array(rows["generation"].astype(np.int64)),
            "channel": pa.nulls(len(rows), pa.string()) if channel is None else channel,
        }
    )


TRUTH = Truth("What caused each touch.", _causes)
