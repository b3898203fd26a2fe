"""Examples: at each of several cuts, what was known of each person who had not converted, and whether they did next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hedgerow.journeys import GROUPS
from hedgerow.journeys.conclusions.channels import PARTS
from hedgerow.journeys.marks import prepare
from hedgerow.journeys.reading import read_outcomes
from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds
from hedgerow.ledger import Workspace, verbs
from hedgerow.ledger.touch import INSTANT
from hedgerow.people import clusters

I64 = NDArray[np.int64]

AT, OUTCOME, PERSON = "at", "converts", "person"
LOOKBACK = 90
"""Days before a cut within which a person did something, or there is nothing to go by."""
_WINDOWS = (7, 30, LOOKBACK)
_DAY = 86_400_000_000
_NEVER = np.iinfo(np.int64).max

# What a request brings is known when it arrives. An import brings a history, and when each row of it was first known
# is not said: it counts as known when it occurred.
_KNOWN = "CASE WHEN batch = 0 THEN greatest(received_at, {occurred}) ELSE {occurred} END"


def cuts(workspace: Workspace, horizon_days: int, now: datetime) -> list[datetime]:
    """Return the cuts whose horizon is over: `horizon_days` apart, so that an outcome is in one example alone.

    They lie on a grid of whole days since 1970, which no arrival moves, a month or more behind the first touch, so that
    there is something to count. What the ledger tells ends with its newest
    touch: behind it an outcome that is missing may only not have been brought in yet.
    """
    _check(horizon_days)
    prepare(workspace)
    span = workspace.engine.sql(
        "SELECT min(epoch_us(occurred_at)) AS first, max(epoch_us(occurred_at)) AS last FROM marks"
    )
    first, last = span["first"][0].as_py(), span["last"][0].as_py()
    if first is None:
        return []
    step, until = horizon_days * _DAY, min(last, microseconds(now))
    places = range((first + _WINDOWS[1] * _DAY) // step + 1, (until - step) // step + 1)
    return [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=place * step) for place in places]


def examples(workspace: Workspace, at: Sequence[datetime], horizon_days: int) -> pa.Table:
    """Return a row a cut and person: `person`, `at`, whether they convert within `horizon_days`, and what was known.

    Nothing known later than the cut is in a row: no touch, no field, and no evidence of who is who; a person is who
    they were then, named by their smallest code. Who had converted, or did nothing for `LOOKBACK` days, has no row.
    Where the horizon is not over by the ledger's newest touch, `converts` is null. Rows stand in order of cut and
    person, whatever order their touches arrived in.
    """
    _check(horizon_days)
    prepare(workspace)
    people = clusters(workspace)
    evidence = _evidence(workspace, people.person, people.shared)
    converted = _converted(workspace, people.person)
    newest = workspace.engine.sql("SELECT max(epoch_us(occurred_at)) AS newest FROM marks")["newest"][0].as_py() or 0
    made = [
        _cut(workspace, microseconds(cut), horizon_days, evidence, people.person, converted, newest)
        for cut in sorted(at)
    ]
    return pa.concat_tables(made) if made else _cut(
        workspace, 0, horizon_days, evidence, people.person, converted, newest
    )  # fmt: skip


def _check(horizon_days: int) -> None:
    if not 1 <= horizon_days <= 3650:
        raise HedgerowError(f"A horizon of {horizon_days} days can't be predicted for: name 1 to 3650 days.")


def _evidence(workspace: Workspace, person: I64, shared: I64) -> tuple[I64, I64, I64]:
    """Return the evidence in force, as the codes it ties and when it was known; what ties nobody today is not in it."""
    known = _KNOWN.format(occurred="since")
    rows = workspace.engine.sql(f"SELECT a, b, epoch_us({known}) AS known FROM evidence")
    a, b, when = (rows[name].to_numpy().astype(np.int64) for name in ("a", "b", "known"))
    there = (np.maximum(a, b) < len(person)) if len(a) else np.zeros(0, bool)
    a, b, when = a[there], b[there], when[there]
    ties = (person[a] == person[b]) & ~np.isin(a, shared) & ~np.isin(b, shared)
    return a[ties], b[ties], when[ties]


def _converted(workspace: Workspace, person: I64) -> I64:
    """Return for each identifier code when its person first converted, in microseconds; `_NEVER` where not yet."""
    outcomes = read_outcomes(workspace, workspace.settings.journeys.outcomes, "person", person.astype(np.int32))
    first = np.full(len(person), _NEVER, np.int64)
    there = (outcomes.unit >= 0) & (outcomes.unit < len(person))
    np.minimum.at(first, outcomes.unit[there], outcomes.at[there])
    return first[person]


def _cut(
    workspace: Workspace,
    cut: int,
    horizon: int,
    evidence: tuple[I64, I64, I64],
    person: I64,
    converted: I64,
    newest: int,
) -> pa.Table:
    then = _people_then(evidence, len(person), cut)
    members = pa.table({"code": np.arange(len(then)), "person": then})[: len(then)].filter(pa.array(converted > cut))
    rows = workspace.engine.sql(_query(workspace, cut), members=members)
    until = converted[rows[PERSON].to_numpy().astype(np.int64)]
    came = pa.array(until <= cut + horizon * _DAY, mask=np.full(len(rows), cut + horizon * _DAY > newest))
    at = pa.array(np.full(len(rows), cut), pa.int64()).cast(INSTANT)
    return rows.add_column(1, AT, at).add_column(2, OUTCOME, came)


def _people_then(evidence: tuple[I64, I64, I64], count: int, cut: int) -> I64:
    """Return (count,) who each code was by the evidence known at the cut, named by the smallest code."""
    a, b, known = evidence
    a, b = a[known <= cut], b[known <= cut]
    if not len(a):
        return np.arange(count, dtype=np.int64)
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    smallest = np.full(label.max() + 1, count, np.int64)
    np.minimum.at(smallest, label, np.arange(count))
    return smallest[label]


def _query(workspace: Workspace, cut: int) -> str:
    known = _KNOWN.format(occurred="occurred_at")
    instant, since = f"make_timestamptz({cut})", f"make_timestamptz({cut - LOOKBACK * _DAY})"
    decisions = ", ".join(f"'{verb}'" for verb in verbs()["decision"])
    fields = sorted(workspace.settings.fields)
    latest = "".join(
        f", max({_latest(_quoted(name))}) FILTER ({_quoted(name)} IS NOT NULL) AS f{n}" for n, name in enumerate(fields)
    )
    named = "".join(f", f{n}.v AS {_quoted(name)}" for n, name in enumerate(fields))
    return f"""
WITH seen AS (
  SELECT person, verb, channel_group, occurred_at, tie, {_part()} AS part,
    ({cut} - epoch_us(occurred_at)) / {float(_DAY)} AS ago
  FROM {BY_PEOPLE} JOIN members ON code = actor_code
  WHERE occurred_at <= {instant} AND occurred_at > {since} AND {known} <= {instant} AND verb NOT IN ({decisions})
), counted AS (
  SELECT person, {", ".join(_counts(workspace))}
  FROM seen GROUP BY person HAVING touches_{LOOKBACK}_days > 0
), said AS (
  SELECT person, max({_latest("account_code")}) FILTER (account_code IS NOT NULL) AS account{latest}
  FROM touches JOIN members ON code = actor_code WHERE occurred_at <= {instant} AND {known} <= {instant} GROUP BY person
), named AS (
  SELECT person, count(*) AS identifiers, bool_or(kind = 'email') AS has_email
  FROM members JOIN identifiers USING (code) GROUP BY person
), placed AS (
  SELECT *, account.v AS place FROM counted LEFT JOIN said USING (person) LEFT JOIN named USING (person)
)
SELECT person, placed.* EXCLUDE (person, account, place{"".join(f", f{n}" for n in range(len(fields)))}){named},
  CASE WHEN place IS NOT NULL THEN count(*) OVER (PARTITION BY place) END AS account_people,
  CASE WHEN place IS NOT NULL THEN sum(touches_30_days) OVER (PARTITION BY place) - touches_30_days END::DOUBLE
    AS others_of_account_30_days
FROM placed ORDER BY person"""


def _latest(column: str) -> str:
    return f"struct_pack(o := occurred_at, i := touch_id, v := {column})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _part() -> str:
    cases = " ".join(
        f"WHEN verb IN ({', '.join(repr(verb) for verb in named.split())}) THEN '{part}'"
        for part, (_, named) in PARTS.items()
    )
    return f"CASE {cases} ELSE 'proves' END"


def _counts(workspace: Workspace) -> list[str]:
    """Return what is counted of a person's touches in `LOOKBACK` days; what was sent to them is no doing of theirs.

    Nothing reaches further back, so that a history that grows longer does not look like people who changed.
    """
    own = "part <> 'keeps'"
    leads = ", ".join(f"'{verb}'" for verb in workspace.settings.journeys.leads) or "''"
    counts = [f"count(*) FILTER ({own} AND ago < {days}) AS touches_{days}_days" for days in _WINDOWS]
    counts += [
        f"min(ago) FILTER ({own}) AS days_since_touch",
        f"max(ago) FILTER ({own}) AS days_since_first_in_{LOOKBACK}",
        f"count(DISTINCT floor(ago)) FILTER ({own} AND ago < 30) AS active_days_in_30",
        f"count(DISTINCT channel_group) AS channels_{LOOKBACK}_days",
        f"count(*) FILTER (verb IN ({leads})) AS forms_{LOOKBACK}_days",
        f"min(ago) FILTER (verb IN ({leads})) AS days_since_form",
        "count(*) FILTER (verb IN ('send', 'deliver') AND ago < 30) AS sent_to_them_30_days",
        "min(struct_pack(o := occurred_at, i := tie, v := channel_group)) FILTER (channel_group IS NOT NULL).v "
        f"AS first_channel_in_{LOOKBACK}",
    ]
    counts += [f"count(*) FILTER (part = '{part}' AND ago < 30) AS {part}_30_days" for part in PARTS if part != "keeps"]
    return counts + [
        f"count(*) FILTER (channel_group = '{group.name}') AS "
        f"{group.name.lower().replace(' ', '_').replace('-', '_')}_{LOOKBACK}_days"
        for group in GROUPS
    ]
