"""Snowplow's tracker protocol: page views, pings, structured and self-describing events, transactions."""

from typing import Annotated

import msgspec

from hedgerow.collect.protocol import Protocol

_Text = Annotated[str, msgspec.Meta(max_length=480)] | int | float | None


class Message(msgspec.Struct, frozen=True, gc=False):
    """An event as Snowplow's trackers send it, by its short names; what is looked at later is left as it stands."""

    e: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    eid: _Text = None
    uid: _Text = None
    duid: _Text = None
    nuid: _Text = None
    tnuid: _Text = None


def _check(message: Message) -> str | None:
    if all(named in (None, "") for named in (message.uid, message.duid, message.nuid, message.tnuid)):
        return "it names nobody: set a user id (uid), a domain user id (duid) or a network user id (tnuid)"
    return None


def _unpacked(plain: str, packed: str) -> str:
    """Return the SQL for JSON that stands plainly, or in base64 of either alphabet with or without its padding."""
    regular = f"translate({packed}, '-_', '+/')"
    padded = f"rpad({regular}, (4 * ceil(length({regular}) / 4))::INTEGER, '=')"
    valid = f"regexp_full_match({regular}, '[A-Za-z0-9+/]+={{0,2}}')"
    return f"coalesce({plain}, CASE WHEN {valid} THEN TRY(decode(from_base64({padded}))) END)"


PROTOCOL = Protocol(
    says="Snowplow's tracker protocol, version 2: the app id (aid) is the write key.",
    message=Message,
    check=_check,
    paths={
        **{name: f"$.{name}" for name in (
            "e", "eid", "uid", "duid", "nuid", "tnuid", "dtm", "stm", "ttm", "url", "page", "refr", "lang", "ua",
            "ue_pr", "ue_px", "se_ca", "se_ac", "se_la", "se_pr", "se_va", "tr_id", "tr_tt", "ti_id", "co", "cx",
        )},
        "currency_said": "$.tr_cu", "source": "head.$.source", "retry": "head.$.retry", "head_agent": "head.$.agent",
    },
    terms={
        "network": "coalesce(tnuid, nuid)",
        "happened": "reckoned(instant_of(coalesce(ttm, dtm)), "
                    "CASE WHEN ttm IS NULL THEN instant_of(stm) END, received)",
        "described": _unpacked("ue_pr", "ue_px"),
        "stated": "TRY(json_extract_string(described, '$.data.data'))",
        "own": "coalesce(object_of(stated), message)",
        "more": _unpacked("co", "cx"),
        "schema": "regexp_extract(TRY(json_extract_string(described, '$.data.schema')), '^iglu:[^/]+/([^/]+)/', 1)",
        "event": "coalesce(se_ac, schema)",
        "screen": "CASE WHEN schema = 'screen_view' THEN said(TRY(json_extract_string(stated, '$.name'))) END",
        "money": "upper(coalesce(said(currency_said), house_currency()))",
        "minor": "CASE WHEN e = 'tr' THEN minor_of(tr_tt, money) END",
    },
    columns={
        "sender_id": "coalesce(said(eid), 'unnamed:' || coalesce(retry, request || ':' || number))",
        "occurred_at": "make_timestamptz(happened)",
        "said_at": "coalesce(ttm, dtm, '')",
        "source": "source",
        "verb": "CASE e WHEN 'pv' THEN 'view' WHEN 'pp' THEN 'read' WHEN 'tr' THEN 'purchase' "
                "ELSE coalesce(verb_of(event_key(event)), 'track') END",
        "actor": "coalesce(named('user', uid), named('anonymous', duid), named('anonymous', network))",
        "claims": "list_filter([named('anonymous', duid), named('anonymous', network), mail_of(uid)], "
                  "lambda c: c IS NOT NULL)",
        "url": "said(url)",
        "referrer": "said(refr)",
        "user_agent": "said(coalesce(ua, head_agent))",
        "object": "said(coalesce(tr_id, ti_id, screen))",
        "title": "said(coalesce(page, screen, event, CASE e WHEN 'pp' THEN 'Page ping' WHEN 'ti' THEN 'Item' END))",
        "language": "said(lang)",
        "value": "minor",
        "currency": "CASE WHEN minor IS NOT NULL THEN money END",
        "properties": "json_merge_patch(message, json_object('aid', NULL, 'ue_px', NULL, 'cx', NULL, 'stm', NULL, "
                      "'ue_pr', TRY(described::JSON), 'co', TRY(more::JSON)))::VARCHAR",
    },
)  # fmt: skip
