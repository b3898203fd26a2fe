"""Reading: the points that people made up to an instant, as arrays, with the terms they are under."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow import journeys
from hedgerow.ledger import Engine, Settings, Workspace
from hedgerow.people import clusters
from hedgerow.score.points import prepare
from hedgerow.score.signal import GROUPS, Signal, signals_of
from hedgerow.score.standing import DAY, ENDLESS, MILLION, Points, Terms


@contextmanager
def as_known(workspace: Workspace, known_at: datetime | None) -> Iterator[Workspace]:
    """Within this context there is the workspace as it was known at `known_at`: what had been received by then."""
    journeys.prepare(workspace)
    prepare(workspace)
    if known_at is None:
        yield workspace
        return
    past = Workspace(workspace.folder, workspace.settings)
    engine = Engine(workspace.lake, workspace.derived, workspace.record, until=known_at)
    past.__dict__.update(record=workspace.record, engine=engine)
    try:
        yield past
    finally:
        engine.close()


def terms_of(settings: Settings) -> tuple[dict[str, Signal], Terms]:
    """Return the signals in force, and their terms in the same order; groups are in the order of `GROUPS`."""
    signals = signals_of(settings)
    own, groups = list(signals.values()), list(GROUPS)
    return signals, Terms(
        half_life=np.array([signal.half_life_days * DAY * MILLION for signal in own]),
        day_cap=_caps(signal.cap_per_day for signal in own),
        cap=_caps(signal.cap for signal in own),
        group=np.array([groups.index(signal.group) for signal in own], np.int64),
        group_day_cap=_caps(group.cap_per_day for group in GROUPS.values()),
        group_cap=_caps(group.cap for group in GROUPS.values()),
    )


def members_of(workspace: Workspace, people: pa.Array | None) -> pa.Table | None:
    """Return the codes of the identifiers of these people, as a table with the column code; None for everybody."""
    if people is None:
        return None
    person = clusters(workspace).person
    return pa.table({"code": np.flatnonzero(np.isin(person, people.to_numpy()))})


def changed(workspace: Workspace, after: int, upto: int) -> pa.Array:
    """Return the people, ascending, whose score the turns behind `after`, up to `upto`, may have changed.

    They are those who acted, were joined to somebody, or clicked with the hand of a new click, which may show a swarm;
    everybody where an import was undone. Time changes every score beside.
    """
    new = f"turn > {after} AND turn <= {upto}"
    with as_known(workspace, None) as known:
        person = clusters(known).person
        if len(known.engine.sql(f"SELECT 1 FROM touches WHERE {new} AND verb = 'undo' LIMIT 1")):
            return pa.array(np.unique(person))
        codes = known.engine.sql(
            f"SELECT actor_code AS code FROM marks WHERE {new} UNION SELECT a FROM evidence WHERE {new} "
            f"UNION SELECT actor_code FROM clicks WHERE hand IN (SELECT hand FROM clicks WHERE {new})"
        )["code"].to_numpy()
        return pa.array(np.unique(person[codes[codes < len(person)]]))


def read(workspace: Workspace, at: int, members: pa.Table | None, *more: str) -> pa.Table:
    """Return the rows of `points` up to `at` (microseconds since 1970 UTC) that people made, of `members` or all.

    Columns code, instant (microseconds), tie, signal (its place among those in force), thousandths, and `more` ones.
    """
    listed = ", ".join(f"'{name}'" for name in signals_of(workspace.settings))
    wanted = (
        f"SELECT actor_code::INTEGER AS code, epoch_us(occurred_at) AS instant, tie, hand, "
        f"enum_code(signal::ENUM({listed}))::SMALLINT AS signal, thousandths{''.join(f', {name}' for name in more)} "
        f"FROM points {'SEMI JOIN members ON members.code = actor_code' if members is not None else ''} "
        f"WHERE occurred_at <= make_timestamptz({at}) AND signal IN ({listed})"
    )
    rows = workspace.engine.sql(wanted, **({"members": members} if members is not None else {}))
    return _by_people(workspace, rows, whole=members is None)


def _by_people(workspace: Workspace, rows: pa.Table, whole: bool) -> pa.Table:
    """Return the rows that are no clicks of swarms; a swarm shows by all clicks of its hand, whoever they are by."""
    clicks = "clicks" if whole else "(FROM clicks WHERE hand IN (SELECT hand FROM rows))"
    swarms = workspace.engine.sql(journeys.swarms_among(clicks), rows=rows)
    if len(swarms):
        kept = "SELECT * FROM rows ANTI JOIN swarms ON swarms.hand = rows.hand AND epoch_us(occurred_at) = instant"
        rows = workspace.engine.sql(kept, rows=rows, swarms=swarms)
    return rows.drop_columns(["hand"])


def points_of(rows: pa.Table, workspace: Workspace) -> Points:
    """Return the rows that `read` gave as arrays, each by the person its identifier belongs to, in no order."""
    person = clusters(workspace).person.astype(np.int32)
    code = rows["code"].to_numpy()
    # An identifier that came after the people were made is a person of its own.
    known = person[code] if not len(code) or code.max() < len(person) else _extended(person, code)
    return Points(
        known,
        rows["instant"].to_numpy(),
        rows["tie"].to_numpy(),
        rows["signal"].to_numpy(),
        rows["thousandths"].to_numpy().astype(np.int64) * 1_000,
    )


def _extended(person: NDArray[np.int32], code: NDArray[np.int32]) -> NDArray[np.int32]:
    more = np.arange(len(person), int(code.max()) + 1, dtype=np.int32)
    found: NDArray[np.int32] = np.concatenate([person, more])[code]
    return found


def _caps(caps: Iterable[float | None]) -> NDArray[np.int64]:
    return np.array([ENDLESS if cap is None else round(cap * MILLION) for cap in caps], np.int64)
