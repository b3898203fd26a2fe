"""Segment's tracking messages, which RudderStack's clients and our own script speak too."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hedgerow.collect.protocol import Protocol

_Id = Annotated[str, msgspec.Meta(max_length=480)] | int | float | None
_Time = datetime | int | float | None
_NOTHING = msgspec.Raw(b"null")


class Message(msgspec.Struct, frozen=True, gc=False, rename={"message_id": "messageId", "user_id": "userId"}):
    """A message as the tracking API takes it; what is looked at later is left as it stands."""

    type: Literal["track", "page", "screen", "identify", "group", "alias"]
    message_id: Annotated[str, msgspec.Meta(max_length=512)] | None = None
    user_id: _Id = None
    anonymousId: _Id = None  # noqa: N815
    previousId: _Id = None  # noqa: N815
    groupId: _Id = None  # noqa: N815
    timestamp: _Time = None
    originalTimestamp: _Time = None  # noqa: N815
    event: str | None = None
    name: str | None = None
    properties: msgspec.Raw = _NOTHING
    traits: msgspec.Raw = _NOTHING
    context: msgspec.Raw = _NOTHING


def _check(message: Message) -> str | None:
    if message.user_id in (None, "") and message.anonymousId in (None, ""):
        return "it names nobody: give a userId or an anonymousId"
    if message.type == "track" and not message.event:
        return "a track has no event: name what was done"
    if message.type == "group" and message.groupId in (None, ""):
        return "a group has no groupId: name the group"
    if message.type == "alias" and message.previousId in (None, ""):
        return "an alias has no previousId: name who it was"
    for name in ("properties", "traits", "context"):
        if bytes(getattr(message, name)).lstrip()[:1] not in (b"{", b"n"):
            return f"its {name} are no JSON object: send one, or leave it out"
    return None


_CLAIMS = (
    "named('user', user_id)", "named('anonymous', anonymous_id)", "mail_of(user_id)",
    "CASE WHEN type = 'identify' THEN mail_of(coalesce(mail, context_mail)) END",
    "CASE WHEN type = 'identify' THEN telephone_of(coalesce(phone, context_phone)) END",
    *(f"CASE WHEN type = 'alias' AND previous_id <> coalesce(user_id, '') THEN {claim} END" for claim in (
        "named('user', previous_id)", "named('anonymous', previous_id)", "mail_of(previous_id)",
    )),
    "click_of(link, happened)",
)  # fmt: skip

PROTOCOL = Protocol(
    says="Segment's tracking API: track, page, screen, identify, group and alias, alone or in batches.",
    message=Message,
    check=_check,
    paths={
        "type": "$.type", "message_id": "$.messageId", "user_id": "$.userId", "anonymous_id": "$.anonymousId",
        "previous_id": "$.previousId", "group_id": "$.groupId", "timestamp": "$.timestamp",
        "original": "$.originalTimestamp", "sent": "$.sentAt", "event": "$.event", "name": "$.name",
        "category": "$.category", "properties": "$.properties", "traits": "$.traits", "context": "$.context",
        "context_traits": "$.context.traits", "url": "$.properties.url", "page_url": "$.context.page.url",
        "referrer": "$.properties.referrer", "page_referrer": "$.context.page.referrer",
        "page_title": "$.context.page.title", "title": "$.properties.title", "campaign": "$.context.campaign.name",
        "medium": "$.context.campaign.medium", "utm_source": "$.context.campaign.source",
        "agent": "$.context.userAgent", "locale": "$.context.locale", "link": "$.context.link",
        "context_group": "$.context.groupId", "mail": "$.traits.email", "context_mail": "$.context.traits.email",
        "phone": "$.traits.phone", "context_phone": "$.context.traits.phone",
        "revenue": "$.properties.revenue", "total": "$.properties.total",
        "amount": "$.properties.value", "currency_said": "$.properties.currency", "source": "head.$.source",
        "retry": "head.$.retry", "head_sent": "head.$.sent", "head_agent": "head.$.agent", "gpc": "head.$.gpc",
    },
    terms={
        "happened": "reckoned(instant_of(coalesce(timestamp, original)), "
                    "instant_of(coalesce(sent, head_sent)), received)",
        "own": "coalesce(object_of(properties), object_of(traits), object_of(context_traits), '{}')",
        "known_as": "event_key(event)",
        "money": "CASE WHEN type = 'track' THEN upper(coalesce(said(currency_said), house_currency())) END",
        "minor": "CASE WHEN type = 'track' THEN minor_of(coalesce(revenue, total, amount), "
                 "upper(coalesce(said(currency_said), house_currency()))) END",
    },
    columns={
        "sender_id": "coalesce(said(message_id), 'unnamed:' || coalesce(retry, request || ':' || number))",
        "occurred_at": "make_timestamptz(happened)",
        "said_at": "coalesce(timestamp, original, '')",
        "source": "source",
        "verb": "CASE type WHEN 'page' THEN 'view' WHEN 'screen' THEN 'view' WHEN 'group' THEN 'join' "
                "WHEN 'track' THEN coalesce(verb_of(known_as), 'track') ELSE 'identify' END",
        "actor": "coalesce(named('user', user_id), named('anonymous', anonymous_id))",
        "claims": f"list_filter([{', '.join(_CLAIMS)}], lambda c: c IS NOT NULL)",
        "account": "named('group', coalesce(group_id, context_group))",
        "channel": "CASE WHEN NOT coalesce(contains(coalesce(url, page_url), 'utm_source='), false) "
                   "THEN said(utm_source) END",
        "medium": "said(medium)",
        "campaign": "said(campaign)",
        "url": "said(coalesce(url, page_url))",
        "referrer": "said(coalesce(referrer, page_referrer))",
        "user_agent": "said(coalesce(agent, head_agent))",
        "object": "CASE WHEN type = 'screen' THEN said(name) END",
        "parent": "link_of(link)",
        "title": "said(CASE type WHEN 'track' THEN event WHEN 'screen' THEN name "
                 "ELSE coalesce(title, page_title, name) END)",
        "language": "said(locale)",
        "value": "CASE WHEN known_as = 'order refunded' THEN -minor ELSE minor END",
        "currency": "CASE WHEN minor IS NOT NULL THEN money END",
        "properties": "json_merge_patch(json_merge_patch('{}', json_object('name', name, 'category', category, "
                      "'gpc', gpc::BOOLEAN, 'context', context::JSON)), own)::VARCHAR",
    },
)  # fmt: skip
