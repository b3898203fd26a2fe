"""A protocol: what its messages are checked against at the door, and the SQL that makes touches of them."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from hedgerow.kit import HedgerowError, load_shelf, money, nearest
from hedgerow.ledger.touch import FIELD_TYPES, verbs

MOST_EVENT = 32 << 10
"""Bytes of one message at the most; Segment's own limit."""

DEEPEST = 100
"""How deep a message may be nested."""

Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Protocol:
    """One protocol. `paths` names what the SQL reads of a message (or of its head), each by its JSON path.

    `terms` are SQL over those names, `received` (microseconds) and the words of `MACROS`, each worked out once;
    among them `own`, the JSON object that custom fields are looked for in. `columns` gives the SQL of each column
    of a touch over all of these. `message` is the shape a message must have, and `check` says why one of that
    shape can't be taken, or None.
    """

    says: str
    message: type[msgspec.Struct]
    check: Check
    paths: Mapping[str, str]
    terms: Mapping[str, str]
    columns: Mapping[str, str]


def protocols() -> Mapping[str, Protocol]:
    """Return every protocol on the shelf, by name."""
    return load_shelf("hedgerow.collect.protocols", Protocol)


def fault_of(name: str, raw: msgspec.Raw) -> str | None:
    """Return why a message of the protocol called `name` can't be taken, None where it can."""
    if len(raw) > MOST_EVENT:
        return f"it is larger than {MOST_EVENT >> 10} kB: send less in one event"
    protocol, decoder = _checked(name)
    try:
        reason = protocol.check(decoder.decode(raw))
    except msgspec.DecodeError as error:
        return f"it is not what the protocol says ({error}): correct it"
    except RecursionError:
        return f"it is nested deeper than {DEEPEST} levels: flatten it"
    text = bytes(raw)
    if text.count(b"{") + text.count(b"[") > DEEPEST and _depth(text) > DEEPEST:
        return f"it is nested deeper than {DEEPEST} levels: flatten it"
    return reason


@cache
def _checked(name: str) -> "tuple[Protocol, msgspec.json.Decoder[Any]]":
    protocol = protocols()[name]
    return protocol, msgspec.json.Decoder(protocol.message)


def _depth(text: bytes) -> int:
    """Return how deep JSON is nested; brackets within strings are none."""
    deepest = depth = 0
    for bracket in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += 1 if bracket in b"{[" else -1 if bracket in b"]}" else 0
        deepest = max(deepest, depth)
    return deepest


def statement(protocol: Protocol, fields: Mapping[str, str]) -> str:
    """Return the query that makes touches of `requests` (as in `ledger.intake.inbox.Taken`, body and head as text).

    It yields the columns of a stated touch, `request`, and `message`, the text it was made of, in order of arrival.
    """
    heads = {name: path[5:] for name, path in protocol.paths.items() if path.startswith("head.")}
    inside = {name: path for name, path in protocol.paths.items() if name not in heads}
    listed = _paths("message", inside) + ", " + _paths("head", heads, "of_head")
    named = [f'parts[{place}] AS "{name}"' for place, name in enumerate(inside, 1)]
    named += [f'of_head[{place}] AS "{name}"' for place, name in enumerate(heads, 1)]
    custom = {
        name: f"TRY_CAST(json_extract_string(own, '$.\"{name}\"') AS {FIELD_TYPES[kind][0]})"
        for name, kind in sorted(fields.items())
    }
    return (
        f"SELECT request, message, {_named({**protocol.columns, **custom})} FROM ("
        f"SELECT *, {_named(protocol.terms)} FROM ("
        f"SELECT request, number, message, {_ARRIVED} AS received, {', '.join(named)} FROM ("
        f"SELECT request, number, message, received_at, json_extract_string(head, '$.arrived') AS arrived, "
        f"{listed} FROM ("
        f"SELECT request, head, received_at, unnest(messages) AS message, generate_subscripts(messages, 1) AS number "
        f"FROM (SELECT *, from_json(body, '[\"JSON\"]') AS messages FROM requests))))) ORDER BY request, number"
    )


# When a message came first: one that is tried again says so in its head.
_ARRIVED = "coalesce(TRY_CAST(arrived AS BIGINT), received_at)"


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())


def _paths(text: str, paths: Mapping[str, str], name: str = "parts") -> str:
    listed = ", ".join(f"'{path}'" for path in paths.values())
    return f"json_extract_string({text}, [{listed}]) AS {name}"


MACROS = (
    # A time as trackers write it, in microseconds: ISO 8601 (one without a zone is UTC), or a number of seconds or
    # of milliseconds. Casts to a time with a zone are forty times slower, and without it an offset is passed over.
    # Years have four digits: what lies a quarter of a million years off overflows where times are added.
    "CREATE MACRO instant_of(t) AS CASE WHEN regexp_full_match(t, '-?[0-9]+(\\.[0-9]+)?') THEN "
    "CASE WHEN abs(TRY_CAST(t AS DOUBLE)) < 1e11 THEN TRY_CAST(TRY_CAST(t AS DOUBLE) * 1e6 AS BIGINT) "
    "WHEN abs(TRY_CAST(t AS DOUBLE)) < 1e14 THEN TRY_CAST(TRY_CAST(t AS DOUBLE) * 1e3 AS BIGINT) END "
    "WHEN substr(t, 5, 1) IN ('-', '/') THEN "
    "CASE WHEN regexp_full_match(t, '[0-9-]+[T ][0-9:.]+(Z|\\+00:?00)?') THEN epoch_us(TRY_CAST(t AS TIMESTAMP)) "
    "ELSE epoch_us(TRY_CAST(t AS TIMESTAMPTZ)) END END",
    # What the sender's clock said, put right by how far it was from ours when it sent; latency is no error of a clock.
    "CREATE MACRO reckoned(t, sent, received) AS CASE WHEN t IS NULL THEN received "
    "WHEN abs(received - sent) > 10000000 THEN least(t + received - sent, received) ELSE least(t, received) END",
    "CREATE MACRO said(t) AS nullif(trim(t), '')",
    "CREATE MACRO named(kind, t) AS kind || ':' || nullif(trim(t), '')",
    "CREATE MACRO mail_of(t) AS CASE WHEN regexp_full_match(trim(t), '[^@\\s:]+@[^@\\s]+\\.[^@\\s]+') "
    "THEN 'email:' || trim(t) END",
    "CREATE MACRO telephone_of(t) AS CASE WHEN regexp_full_match(trim(t), '\\+[0-9 ().-]{6,24}') "
    "THEN 'phone:' || regexp_replace(t, '[^0-9+]', '', 'g') END",
    "CREATE MACRO object_of(j) AS CASE WHEN left(ltrim(j), 1) = '{' THEN j END",
    "CREATE MACRO event_key(t) AS trim(regexp_replace(lower(t), '[^\\p{L}\\p{N}]+', ' ', 'g'))",
    # The share token of a tracked link, CODE or CODE.CLICK, where CLICK opens with its second in hex: a click is
    # the visitor's own only soon after; later the address was passed on as it stood.
    "CREATE MACRO link_of(t) AS "
    "'link:' || nullif(regexp_extract(t, '^([0-9A-Za-z]{4,32})(\\.[0-9a-z]{8,64})?$', 1), '')",
    "CREATE MACRO click_of(t, happened) AS CASE WHEN abs(TRY_CAST('0x' || nullif(regexp_extract(t, "
    "'^[0-9A-Za-z]+\\.([0-9a-f]{8})[0-9a-z]+$', 1), '') AS BIGINT) - happened // 1000000) <= 300 "
    "THEN 'click:' || split_part(t, '.', 2) END",
    "CREATE MACRO minor_of(t, currency) AS TRY_CAST(round(TRY_CAST(t AS DECIMAL(24, 8)) * CASE "
    "WHEN currency IN ({digits[0]}) THEN 1 WHEN currency IN ({digits[3]}) THEN 1000 ELSE 100 END) AS BIGINT)".format(
        digits={n: ", ".join(repr(c) for c, d in money.EXPONENTS.items() if d == n) for n in (0, 3)}
    ),
)
"""The words that protocols share; one connection defines them once."""


@cache
def standard_events() -> Mapping[str, str]:
    """Return the verb of each event name that trackers agree on, names folded to small letters and spaces."""
    listed = tomllib.loads(files("hedgerow.collect").joinpath("events.toml").read_text("utf-8"))
    return {folded(name): verb for verb, names in listed.items() for name in names}


def folded(name: str) -> str:
    """Return an event's name in small letters, whatever stood between its words as one space."""
    return " ".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def events_of(own: Mapping[str, str]) -> dict[str, str]:
    """Return the verb of each known event, a workspace's own ([events] in its settings) before the standard ones.

    Raises `HedgerowError` for a verb that is unknown, or a decision.
    """
    groups = verbs()
    known = [verb for group in groups for verb in groups[group] if group != "decision"]
    for name, verb in own.items():
        if verb not in known:
            raise HedgerowError(f"[events] gives '{name}' the verb '{verb}', which is unknown.{nearest(verb, known)}")
    return {**standard_events(), **{folded(name): verb for name, verb in own.items()}}
