"""Reading: the marks that make journeys, as flat arrays; what is neither a step nor an outcome stays behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.kit import HedgerowError, nearest
from hedgerow.ledger import Workspace
from hedgerow.people import accounts, clusters, rolled_up

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
LABELS = ("channel", "channel_group", "campaign")
NO_CAMPAIGN = "(none)"


@dataclass(frozen=True)
class Steps:
    """(n,) the touches that count, in the order they were read: unit, time in microseconds, tie, label code."""

    unit: I32
    at: I64
    tie: I32
    label: NDArray[np.int16]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Outcomes:
    """(m,) what credit is divided for: its unit, time, value in minor units, currency code, and its id."""

    unit: I32
    at: I64
    value: I64
    currency: NDArray[np.int16]
    currencies: tuple[str, ...]
    id: pa.ChunkedArray


def units(workspace: Workspace, unit: str) -> I32:
    """Return for each identifier code the unit it belongs to: its person, or that person's account.

    A person without an account is a unit of its own; raises `HedgerowError` for another word than these two.
    """
    if unit not in ("person", "account"):
        raise HedgerowError(f"No unit is called '{unit}'.{nearest(unit, ('person', 'account'))}")
    known = clusters(workspace)
    if unit == "person":
        return known.person.astype(np.int32)
    account = accounts(workspace, known)
    if workspace.settings.accounts.roll_up:
        account = rolled_up(workspace, known, account)
    return np.where(account >= 0, _first(account), known.person).astype(np.int32)


def _first(account: I64) -> I64:
    """Return for each code of an account the smallest such code: no person without an account is named by it."""
    names, which = np.unique(account, return_inverse=True)
    first = np.empty(len(names), np.int64)
    first[which[::-1]] = np.arange(len(account))[::-1]
    return first[which]


def read_steps(workspace: Workspace, by: str, unit_of: I32) -> Steps:
    """Return the steps, labelled by `by` (one of `LABELS`); marks of automata and without channel are none."""
    if by not in LABELS:
        raise HedgerowError(f"Journeys have no label '{by}'.{nearest(by, LABELS)}")
    labels = [row or NO_CAMPAIGN for row in _column(workspace, f"SELECT DISTINCT {by} AS label FROM {STEPS}")]
    labels = sorted(set(labels))
    listed = ", ".join("'" + label.replace("'", "''") + "'" for label in labels) or "''"
    label = f"coalesce({by}, '{NO_CAMPAIGN}')"
    query = (
        f"SELECT actor_code, epoch_us(occurred_at) AS instant, tie, "
        f"enum_code({label}::ENUM({listed}))::SMALLINT AS label FROM {STEPS}"
    )
    count = _count(workspace)
    steps = Steps(
        np.empty(count, np.int32),
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count, np.int16),
        tuple(labels),
    )
    _fill(steps, workspace.engine.batches(query), unit_of)
    return steps


def unit_in(unit_of: I32, codes: I64) -> I32:
    """Return the unit of each code; one that arrived after the units were made is a unit of its own."""
    if not len(codes) or codes.max() < len(unit_of):
        return unit_of[codes]
    known = codes < len(unit_of)
    found = codes.astype(np.int32)
    found[known] = unit_of[codes[known]]
    return found


def _fill(steps: Steps, batches: Iterable[pa.RecordBatch], unit_of: I32) -> None:
    """Put what is read in its place batch by batch, so that it is in memory once."""
    done = 0
    for batch in batches:
        here = slice(done, done + len(batch))
        code, at, tie, label = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        steps.unit[here], steps.at[here], steps.tie[here], steps.label[here] = unit_in(unit_of, code), at, tie, label
        done += len(batch)


def read_outcomes(workspace: Workspace, verbs: Sequence[str], unit: str, unit_of: I32) -> Outcomes:
    """Return the outcomes: touches of these verbs that people made, and the deals won where `win` is one.

    A won deal belongs to the person it names first, or, by account, to its account; where it names none its
    unit is -1, which has no steps; so is that of what stays of erased people's outcomes.
    """
    wanted = ", ".join(f"'{verb}'" for verb in verbs)
    code = "people_codes[1]" if unit == "person" else "coalesce(account_code, people_codes[1])"
    own = "account_code" if unit == "account" else "NULL::BIGINT"
    query = (
        f"SELECT actor_code AS code, NULL::BIGINT AS own, epoch_us(occurred_at) AS instant, "
        f"coalesce(value, 0) AS value, currency, touch_id AS id FROM {BY_PEOPLE} WHERE verb IN ({wanted})"
    )
    if "win" in verbs:
        query += (
            f" UNION ALL SELECT {code}, {own}, epoch_us(closed_at), coalesce(amount, 0), currency, row_id "
            f"FROM deals WHERE won AND closed_at IS NOT NULL"
        )
    query += (
        f" UNION ALL SELECT NULL, NULL, epoch_us({MIDDLE}), coalesce(value, 0), currency, 'erased:' || row_number() "
        f"OVER (ORDER BY period, channel, verb, value, currency, batch) FROM residues WHERE verb IN ({wanted})"
    )
    rows = workspace.engine.sql(f"SELECT * FROM ({query}) ORDER BY instant, id")
    currency = rows["currency"].combine_chunks().dictionary_encode()
    names = tuple(sorted(name for name in currency.dictionary.to_pylist() if name))
    places = {name: place for place, name in enumerate(names)}
    codes = np.array([places.get(name, -1) for name in currency.dictionary.to_pylist()] + [-1], np.int16)
    member = rows["code"].fill_null(-1).to_numpy()
    stated = rows["own"].fill_null(-1).to_numpy()
    unit_known = np.where(member >= 0, unit_in(unit_of, np.maximum(member, 0)), -1)
    return Outcomes(
        np.where(stated >= 0, unit_in(unit_of, np.maximum(stated, 0)), unit_known).astype(np.int32),
        rows["instant"].to_numpy(),
        rows["value"].to_numpy().astype(np.int64),
        codes[currency.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)],
        names,
        rows["id"],
    )


MIDDLE = "(period || '-15 12:00:00Z')::TIMESTAMPTZ"
"""The SQL for when a residue's touch was, as far as is known: the middle of its month, whatever the zone."""

STEPS = f"(FROM {BY_PEOPLE} WHERE channel IS NOT NULL)"


def _count(workspace: Workspace) -> int:
    return int(workspace.engine.sql(f"SELECT count(*) AS count FROM {STEPS}")["count"][0].as_py())


def _column(workspace: Workspace, query: str) -> list[str | None]:
    values: list[str | None] = workspace.engine.sql(query).column(0).to_pylist()
    return values
