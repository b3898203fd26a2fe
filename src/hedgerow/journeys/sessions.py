"""Sessions: a person's touches with no long silence between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hedgerow.journeys.reading import LABELS, unit_in
from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.kit import HedgerowError, nearest
from hedgerow.ledger import Workspace
from hedgerow.people import clusters

MINUTE = 60_000_000
UNKNOWN = "(no channel)"


@dataclass(frozen=True)
class Sessions:
    """(s,) sessions in order of person and time: when each began, its channel, and how many touches it has."""

    began_at: NDArray[np.int64]
    channel: list[str]
    touches: NDArray[np.int64]


def session_of(person: NDArray[np.int32] | NDArray[np.int64], at: NDArray[np.int64], minutes: int) -> NDArray[np.int64]:
    """Return (n,) the number of each touch's session, given touches in order of person and time.

    A session ends when its person is silent for `minutes` or more (30 by the field's convention).
    """
    begins = np.ones(len(person), bool)
    begins[1:] = (person[1:] != person[:-1]) | (np.diff(at) >= minutes * MINUTE)
    return np.cumsum(begins) - 1


def sessions(workspace: Workspace, by: str, since: int, until: int) -> Sessions:
    """Return the sessions that began in `since` (included) to `until` (not), microseconds since 1970 UTC.

    A session's channel is that of its first touch that has one. Touches of automata make no session.
    """
    if by not in LABELS:
        raise HedgerowError(f"Sessions have no label '{by}'.{nearest(by, LABELS)}")
    rows = workspace.engine.sql(
        f"SELECT actor_code, epoch_us(occurred_at) AS instant, tie, {by} AS label FROM {BY_PEOPLE}"
    )
    person = unit_in(clusters(workspace).person.astype(np.int32), rows["actor_code"].to_numpy())
    at, tie = rows["instant"].to_numpy(), rows["tie"].to_numpy()
    order = np.lexsort((tie, at, person))
    number = session_of(person[order], at[order], workspace.settings.journeys.session_minutes)
    first = np.flatnonzero(np.diff(number, prepend=-1))
    label = rows["label"].combine_chunks().dictionary_encode()
    code = label.indices.fill_null(-1).to_numpy(zero_copy_only=False)[order]
    known = np.flatnonzero(code >= 0)
    channel = np.full(len(first), -1, np.int64)
    channel[number[known][::-1]] = code[known][::-1]
    began = at[order][first]
    kept = (began >= since) & (began < until)
    names = [*label.dictionary.to_pylist(), UNKNOWN]
    return Sessions(
        began[kept],
        [names[place] for place in channel[kept].tolist()],
        np.bincount(number, minlength=len(first))[kept],
    )
