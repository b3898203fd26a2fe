"""The touch: what somebody did or said; its columns, its verbs and its checks."""

import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import pyarrow as pa

from hedgerow.kit import money
from hedgerow.ledger.lake import TableKind

INSTANT = pa.timestamp("us", "UTC")

STATED = pa.schema(
    [
        ("sender_id", pa.string()),
        ("occurred_at", INSTANT),
        ("said_at", pa.string()),
        ("source", pa.string()),
        ("verb", pa.string()),
        ("actor", pa.string()),
        ("claims", pa.list_(pa.string())),
        ("account", pa.string()),
        ("channel", pa.string()),
        ("medium", pa.string()),
        ("campaign", pa.string()),
        ("url", pa.string()),
        ("referrer", pa.string()),
        ("user_agent", pa.string()),
        ("object", pa.string()),
        ("parent", pa.string()),
        ("relation", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("value", pa.int64()),
        ("currency", pa.string()),
        ("properties", pa.string()),
    ]
)
"""What a source states of a touch. `value` is minor units of `currency`; `properties` is a JSON object; `said_at` is
the time as its sender's clock said it, where `occurred_at` was reckoned from it (empty: it said none)."""

KEPT = pa.schema(
    [
        ("touch_id", pa.string()),
        ("received_at", INSTANT),
        *[field for field in STATED if field.name != "sender_id"],
        ("actor_code", pa.int64()),
        ("claim_codes", pa.list_(pa.int64())),
        ("account_code", pa.int64()),
        ("batch", pa.int64()),
        ("turn", pa.int64()),
        ("month", pa.string()),
    ]
)
"""A touch in the lake: its id and codes, the batch that brought it (0 is the inbox), the write that put it."""

PERSONAL = (
    "actor", "claims", "account", "object", "text", "title", "url", "referrer", "properties", "user_agent",
)  # fmt: skip
"""Columns that may name a person, or quote one."""

TOUCHES = TableKind("touches", KEPT, version=2, by=("month",), unstated=PERSONAL)
REPEATS = TableKind(
    "repeats",
    pa.schema([("kind", pa.string()), ("said", pa.string()), ("batch", pa.int64()), ("turn", pa.int64())]),
)
"""Which import said what was in the ledger already, a touch (by its id) or a row of spend or deals: undoing the
first leaves it to the second. Rows of a turn that was voided do not count."""

FIELD_TYPES: dict[str, tuple[str, pa.DataType]] = {
    "text": ("VARCHAR", pa.string()),
    "integer": ("BIGINT", pa.int64()),
    "number": ("DOUBLE", pa.float64()),
    "boolean": ("BOOLEAN", pa.bool_()),
    "time": ("TIMESTAMPTZ", INSTANT),
}
"""The types a custom field may be declared with, each with its name in DuckDB and in Arrow."""

OWN = "hedgerow"
"""The source of what is decided here."""

Relation = Literal["reply", "share", "quote"]
JSON_OBJECT = "CASE WHEN json_valid(properties) THEN json_type(properties) = 'OBJECT' ELSE properties IS NULL END"
IDENTIFIER = r"(?s)[a-z][a-z0-9_.-]{0,63}:.*\S.*"


class Touch(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A touch as a command, a page or a request states it: the columns of `STATED` under the same names."""

    occurred_at: datetime
    source: str
    verb: str
    actor: str
    sender_id: str | None = None
    said_at: str | None = None
    claims: tuple[str, ...] = ()
    account: str | None = None
    channel: str | None = None
    medium: str | None = None
    campaign: str | None = None
    url: str | None = None
    referrer: str | None = None
    user_agent: str | None = None
    object: str | None = None
    parent: str | None = None
    relation: Relation | None = None
    title: str | None = None
    text: str | None = None
    language: str | None = None
    value: int | None = None
    currency: str | None = None
    properties: str | None = None


@cache
def verbs() -> dict[str, dict[str, str]]:
    """Return what each verb says, by group: activity, field, outcome, decision."""
    return tomllib.loads(files("hedgerow.ledger").joinpath("verbs.toml").read_text("utf-8"))


def stated_schema(fields: dict[str, str]) -> pa.Schema:
    """Return `STATED` with the workspace's custom fields as typed columns."""
    return pa.schema([*STATED, *custom(fields)])


def custom(fields: dict[str, str]) -> list[pa.Field]:
    """Return the columns of the custom fields that are declared as name = type."""
    return [pa.field(name, FIELD_TYPES[kind][1]) for name, kind in sorted(fields.items())]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


@cache
def checks() -> tuple[tuple[str, str, str], ...]:
    """Return the checks of a touch, in order: the reason to drop it, the SQL that is true of a bad one, and the
    column without whose values there is nothing to check ("" where the check is about their absence)."""
    known = [verb for group in verbs().values() for verb in group]
    own = f"verb IN ({_listed(verbs()['decision'])}) AND source <> '{OWN}'"
    outside = "occurred_at < TIMESTAMPTZ '1970-01-01 00:00:00Z' OR occurred_at >= TIMESTAMPTZ '2100-01-01 00:00:00Z'"
    bad_claim = f"len(list_filter(claims, lambda c: NOT regexp_full_match(c, '{IDENTIFIER}'))) > 0"
    return (
        ("it has no source", "source IS NULL OR source = ''", ""),
        ("its source holds a control character", r"regexp_matches(source, '[\x00-\x1f]')", "source"),
        ("it has no time", "occurred_at IS NULL", ""),
        ("its time lies outside 1970 to 2099", outside, "occurred_at"),
        ("it has no verb", "verb IS NULL", ""),
        ("its verb is unknown", f"verb NOT IN ({_listed(known)})", "verb"),
        ("a decision is made in Hedgerow, not imported", own, "verb"),
        ("it names nobody", "actor IS NULL", ""),
        ("an identifier is not kind:value", f"NOT regexp_full_match(actor, '{IDENTIFIER}')", "actor"),
        ("a claim is not kind:value", bad_claim, "claims"),
        ("its account is not kind:value", f"NOT regexp_full_match(account, '{IDENTIFIER}')", "account"),
        ("an identifier is longer than 512 characters", "length(actor) > 512", "actor"),
        ("its account is longer than 512 characters", "length(account) > 512", "account"),
        (
            "a claim is longer than 512 characters",
            "len(list_filter(claims, lambda c: length(c) > 512)) > 0",
            "claims",
        ),
        ("its relation is unknown", "relation NOT IN ('reply', 'share', 'quote')", "relation"),
        ("its value has no currency", "value IS NOT NULL AND currency IS NULL", "value"),
        ("its currency is unknown", f"currency NOT IN ({_listed(money.EXPONENTS)})", "currency"),
        (
            "its value is beyond what a ledger row may carry",
            f"value NOT BETWEEN -{money.MOST} AND {money.MOST}",
            "value",
        ),
        ("its properties are no JSON object", f"NOT {JSON_OBJECT}", "properties"),
    )
