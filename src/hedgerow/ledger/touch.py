"""The touch: what somebody did or said; its columns, its verbs and its checks."""

import tomllib
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
"""What a source states of a touch. `value` is minor units of `currency`; `properties` is a JSON object."""

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

PERSONAL = ("actor", "claims", "text", "title", "url", "referrer", "properties", "user_agent")

TOUCHES = TableKind("touches", KEPT, version=1, by=("month",), unstated=PERSONAL)
REPEATS = TableKind(
    "repeats", pa.schema([("touch_id", pa.string()), ("batch", pa.int64()), ("turn", pa.int64())]), version=1
)
"""Which import stated a touch that was in the ledger already: undoing the first leaves it to the second."""

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
IDENTIFIER = r"[a-z][a-z0-9_.-]{0,63}:.*\S.*"


class Touch(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A touch as a command, a page or a request states it: the columns of `STATED` under the same names."""

    occurred_at: datetime
    source: str
    verb: str
    actor: str
    sender_id: str | None = None
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


def _listed(names: object) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))  # type: ignore[call-overload]


@cache
def checks() -> tuple[tuple[str, str], ...]:
    """Return the checks of a touch, in order: the reason to drop it, and the SQL that is true of a bad one."""
    known = [verb for group in verbs().values() for verb in group]
    return (
        ("it has no time", "occurred_at IS NULL"),
        (
            "its time lies outside 1970 to 2099",
            "occurred_at < TIMESTAMPTZ '1970-01-01 00:00:00Z' OR occurred_at >= TIMESTAMPTZ '2100-01-01 00:00:00Z'",
        ),
        ("it has no verb", "verb IS NULL"),
        ("its verb is unknown", f"verb NOT IN ({_listed(known)})"),
        ("a decision is made in Hedgerow, not imported", f"verb IN ({_listed(verbs()['decision'])}) AND source <> '{OWN}'"),
        ("it names nobody", "actor IS NULL"),
        ("an identifier is not kind:value", f"NOT regexp_full_match(actor, '(?s){IDENTIFIER}')"),
        (
            "a claim is not kind:value",
            f"len(list_filter(claims, lambda c: NOT regexp_full_match(c, '(?s){IDENTIFIER}'))) > 0",
        ),
        ("its account is not kind:value", f"NOT regexp_full_match(account, '(?s){IDENTIFIER}')"),
        ("an identifier is longer than 512 characters", "length(actor) > 512 OR length(account) > 512"),
        ("its relation is unknown", "relation NOT IN ('reply', 'share', 'quote')"),
        ("its value has no currency", "value IS NOT NULL AND currency IS NULL"),
        ("its currency is unknown", f"currency NOT IN ({_listed(money.EXPONENTS)})"),
        ("its value is beyond what a ledger row may carry", f"value NOT BETWEEN -{money.MOST} AND {money.MOST}"),
        ("its properties are no JSON object", "properties IS NOT NULL AND json_type(properties) <> 'OBJECT'"),
    )
