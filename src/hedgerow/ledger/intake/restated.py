"""Spend and deals: rows that are restated, the later row superseding the earlier, both kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit import HedgerowError, clock, money
from hedgerow.kit.index import Entries, no_entries
from hedgerow.ledger.erasure.stopping import Places, stop
from hedgerow.ledger.intake import identity
from hedgerow.ledger.intake.memory import HISTORY, SAID, statements_of
from hedgerow.ledger.intake.writer import Payload, Payloads, Turn, Writer, writing
from hedgerow.ledger.lake import TableKind
from hedgerow.ledger.record import BATCHES, DROPS
from hedgerow.ledger.touch import IDENTIFIER, INSTANT, OWN

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

SPEND_STATED = pa.schema(
    [
        ("source", pa.string()),
        ("spent_on", pa.date32()),
        ("zone", pa.string()),
        ("channel", pa.string()),
        ("medium", pa.string()),
        ("campaign", pa.string()),
        ("key", pa.string()),
        ("cost", pa.int64()),
        ("currency", pa.string()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
        ("reported_leads", pa.int64()),
        ("reported_orders", pa.int64()),
        ("reported_revenue", pa.int64()),
    ]
)
"""What a platform states of a day: `cost` in minor units; `reported_*` are its own figures, kept apart."""

DEAL_STATED = pa.schema(
    [
        ("source", pa.string()),
        ("id", pa.string()),
        ("name", pa.string()),
        ("account", pa.string()),
        ("people", pa.list_(pa.string())),
        ("stage", pa.string()),
        ("won", pa.bool_()),
        ("amount", pa.int64()),
        ("currency", pa.string()),
        ("owner", pa.string()),
        ("opened_at", INSTANT),
        ("closed_at", INSTANT),
        ("changed_at", INSTANT),
    ]
)
"""What a CRM states of a deal: `amount` in minor units, `people` and `account` as identifiers."""


def _kept(stated: pa.Schema, *more: tuple[str, pa.DataType]) -> pa.Schema:
    own = [("row_id", pa.string()), ("content", pa.string()), ("received_at", INSTANT)]
    tail = [("line", pa.int64()), ("stated", pa.int64()), ("batch", pa.int64()), ("turn", pa.int64())]
    return pa.schema([*own, *stated, *more, *tail])


@dataclass(frozen=True)
class Restated:
    """A table of restated rows: what makes two rows the same thing, and what makes a row bad."""

    table: TableKind
    stated: pa.Schema
    identity: str
    regular: str
    """What is made regular before the checks, as SQL for `SELECT * REPLACE`."""
    checks: tuple[tuple[str, str], ...]


_MONEY_CHECKS = (
    ("it has no currency", "currency IS NULL"),
    ("its currency is unknown", f"currency NOT IN ({', '.join(repr(code) for code in money.EXPONENTS)})"),
)

SPEND = Restated(
    TableKind("spend", _kept(SPEND_STATED, ("changed_at", INSTANT))),
    SPEND_STATED,
    "source || chr(31) || spent_on || chr(31) || coalesce('campaign ' || campaign, 'channel ' || channel, '') "
    "|| chr(31) || coalesce(key, '')",
    "zone AS zone",
    (
        ("it has no day", "spent_on IS NULL"),
        (
            "its day lies outside 1970 to 2099",
            "spent_on < DATE '1970-01-01' OR spent_on >= DATE '2100-01-01'",
        ),
        ("it has no cost", "cost IS NULL"),
        ("it names neither channel nor campaign", "channel IS NULL AND campaign IS NULL"),
        *_MONEY_CHECKS,
        ("its cost is beyond what a ledger row may carry", f"abs(cost) > {money.MOST}"),
        ("its revenue is beyond what a ledger row may carry", f"abs(reported_revenue) > {money.MOST}"),
    ),
)


def _outside(name: str) -> tuple[str, str]:
    years = f"{name} < TIMESTAMPTZ '1970-01-01 00:00:00Z' OR {name} >= TIMESTAMPTZ '2100-01-01 00:00:00Z'"
    return (f"its time ({name.removesuffix('_at')}) lies outside 1970 to 2099", years)


DEALS = Restated(
    TableKind(
        "deals",
        _kept(DEAL_STATED, ("account_code", pa.int64()), ("people_codes", pa.list_(pa.int64()))),
        unstated=("name", "people", "account", "owner"),
    ),
    DEAL_STATED,
    "source || chr(31) || id",
    f"{identity.regular('account')} AS account, {identity.regular_list('people', in_order=True)} AS people",
    (
        ("it has no id", "id IS NULL"),
        ("it has no stage", "stage IS NULL"),
        ("it is won but has no closing time", "won AND closed_at IS NULL"),
        *(_outside(name) for name in ("opened_at", "closed_at", "changed_at")),
        ("its amount has no currency", "amount IS NOT NULL AND currency IS NULL"),
        _MONEY_CHECKS[1],
        ("its amount is beyond what a ledger row may carry", f"abs(amount) > {money.MOST}"),
        ("its account is not kind:value", f"NOT regexp_full_match(account, '{IDENTIFIER}')"),
        (
            "one of its people is not kind:value",
            f"len(list_filter(people, lambda p: NOT regexp_full_match(p, '{IDENTIFIER}'))) > 0",
        ),
    ),
)


def write_restated(writer: Writer, kind: Restated, turn: Turn, stated: pa.Table, payloads: Payloads) -> None:
    """Put the rows of a planned turn in their table: what repeats adds nothing, what differs supersedes.

    A row that says when it changed is one of its thing's history, and a repeat where that history has it. A
    row that doesn't is a repeat where it equals what holds now; a second such row for one thing in the same
    import is dropped, since which of the two holds can't be known.
    """
    con = writer.con
    fates, named = _fates(writer, kind, turn, stated)
    count = fates.group_by("fate").aggregate([("place", "count")])
    by_fate = dict(zip(count["fate"].to_pylist(), count["place_count"].to_pylist(), strict=True))
    turn.kept, turn.repeated = by_fate.get("new", 0), by_fate.get("repeat", 0)
    con.register("fates", fates)
    drops = con.sql("SELECT place, line, fault FROM fates WHERE fate = 'drop' ORDER BY place")
    writer.settle(turn, drops.to_arrow_table(), payloads, named)
    rows, codes = _rows(writer, kind, turn)
    others = con.sql("SELECT DISTINCT said FROM fates WHERE fate = 'repeat' AND theirs ORDER BY said")
    writer.repeat(turn, [said for (said,) in others.fetchall()])
    writer.commit(turn, rows, no_entries(), codes)


def write_deals(workspace: "Workspace", deals: Sequence[Mapping[str, object]], by: str, wait: float = 10.0) -> int:
    """Put deals that `by` states here in the ledger as one batch, and return its number, by which it can be undone.

    Each is a row of `DEAL_STATED` (its source aside), what is left out is unknown; one that says when it changed
    supersedes what was said of it before. Raises `HedgerowError` for one that can't be kept, and where the mill is
    held for `wait` seconds.
    """
    rows = [{**deal, "source": OWN, "line": line, "fault": None} for line, deal in enumerate(deals, 1)]
    schema = pa.schema([*DEAL_STATED, ("line", pa.int64()), ("fault", pa.string())])
    with writing(workspace, wait) as writer:
        batch = _batch(writer, by)
        turn = writer.plan("import", batch, 0, DEALS.table.name)
        stated = pa.Table.from_pylist(rows, schema=schema)
        write_restated(writer, DEALS, turn, stated, lambda places: [Payload(str(rows[place])) for place in places])
        with writer.record.begin() as connection:
            connection.execute(sa.update(BATCHES).where(BATCHES.c.number == batch).values(state="done"))
            reason = connection.scalar(sa.select(DROPS.c.reason).where(DROPS.c.batch == batch))
    if reason:
        raise HedgerowError(f"The deal can't be kept, since {reason}: correct it.")
    return batch


def _batch(writer: Writer, by: str) -> int:
    """Return the number of a new batch for what somebody states here."""
    at = clock.microseconds(clock.now())
    said = {"kind": "deal", "source": OWN, "file": f"stated by {by}", "digest": f"{by} {at}", "state": "running"}
    counts = {"upto": 0, "line": 0, "kept": 0, "repeated": 0, "dropped": 0, "started_at": at}
    with writer.record.begin() as connection:
        key = connection.execute(sa.insert(BATCHES).values(**said, **counts)).inserted_primary_key
    return int(key[0]) if key else 0


def _fates(writer: Writer, kind: Restated, turn: Turn, stated: pa.Table) -> tuple[pa.Table, Places]:
    """Return place, line, fault, fate (new, repeat or drop), said, and whether others said it first (theirs).

    With them the places of the rows that an erased person was taken out of.
    """
    con = writer.con
    name = kind.table.name
    con.register("held", _held(writer, name, turn.batch))
    con.register("stated", stated.append_column("place", pa.array(np.arange(len(stated)))))
    has_change = "changed_at" in stated.column_names
    cases = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in kind.checks)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE arrived AS SELECT *, {SAID[name]} AS said FROM (SELECT * EXCLUDE (fault), "
        f"coalesce(fault, CASE {cases} END) AS fault, "
        f"substr(sha256({kind.identity}), 1, 32) AS row_id, {identity.content_of(kind.stated)} AS content, "
        f"{'changed_at IS NOT NULL' if has_change else 'false'} AS dated "
        f"FROM (SELECT * REPLACE ({kind.regular}) FROM stated))"
    )
    named = stop(con, writer.tombstones, None, ["people"]) if writer.tombstones else np.zeros(0, np.int64)
    fates = con.sql(
        f"SELECT place, line, '{_OTHERWISE}' AS fault, said, theirs, CASE WHEN theirs OR mine OR again THEN 'repeat' "
        f"WHEN rank > 1 THEN 'drop' ELSE 'new' END AS fate FROM ({_RANKED}) "
        f"UNION ALL SELECT place, line, fault, said, false, 'drop' FROM arrived WHERE fault IS NOT NULL"
    )
    return fates.to_arrow_table(), named


_OTHERWISE = "another row of this import says otherwise of the same thing"

_RANKED = """
SELECT place, line, said,
  EXISTS (FROM held h WHERE h.said = a.said AND (a.dated OR h.holds) AND NOT h.own) AS theirs,
  EXISTS (FROM held h WHERE h.said = a.said AND (a.dated OR h.holds) AND h.own) AS mine,
  row_number() OVER (PARTITION BY said ORDER BY place) > 1 AS again,
  CASE WHEN dated THEN 1 ELSE dense_rank() OVER (PARTITION BY row_id, dated ORDER BY earliest)
    + EXISTS (FROM held h WHERE h.row_id = a.row_id AND h.own AND NOT h.dated)::INT END AS rank
FROM (SELECT *, min(place) OVER (PARTITION BY said) AS earliest FROM arrived WHERE fault IS NULL) a
"""


def _held(writer: Writer, name: str, batch: int) -> pa.Table:
    """Return the rows in force: row_id, said, whether it is dated, holds now, and was said by this import (own)."""
    return writer.workspace.engine.sql(
        f"SELECT row_id, {SAID[name]} AS said, changed_at IS NOT NULL AS dated, row_number() OVER "
        f"(PARTITION BY row_id ORDER BY changed_at DESC NULLS LAST, stated DESC, line DESC) = 1 AS holds, "
        f"(batch = {batch} OR {SAID[name]} IN ({statements_of(writer.workspace, name, batch)})) AS own "
        f"FROM {HISTORY[name]}"
    )


def _rows(writer: Writer, kind: Restated, turn: Turn) -> tuple[pa.Table, Entries]:
    con, deals = writer.con, kind is DEALS
    con.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT arrived.* FROM arrived JOIN fates USING (place) "
        "WHERE fate = 'new'"
    )
    coded = identity.code(con, writer.codes, _DEAL_IDENTIFIERS if deals else "SELECT NULL::VARCHAR AS identifier")
    con.register("coded", coded.table)
    more = "c.code AS account_code, people_codes" if deals else "NULL::TIMESTAMPTZ AS changed_at"
    joined = f"fresh LEFT JOIN coded c ON c.identifier = account {_PEOPLE_CODES}" if deals else "fresh"
    rows = con.sql(
        f"SELECT fresh.*, {more}, make_timestamptz({turn.received_at}) AS received_at, "
        f"{turn.number}::BIGINT AS stated, {turn.batch}::BIGINT AS batch, {turn.number}::BIGINT AS turn "
        f"FROM {joined} ORDER BY place"
    ).to_arrow_table()
    names = kind.table.schema.names
    return rows.select(names).cast(kind.table.schema), coded.fresh


_DEAL_IDENTIFIERS = "SELECT account AS identifier FROM fresh UNION ALL SELECT unnest(people) FROM fresh"
_PEOPLE_CODES = """
LEFT JOIN (SELECT place, list(code ORDER BY rank) AS people_codes FROM
  (SELECT place, unnest(people) AS identifier, generate_subscripts(people, 1) AS rank FROM fresh)
  JOIN coded USING (identifier) GROUP BY place) USING (place)
"""
