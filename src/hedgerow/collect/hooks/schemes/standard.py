"""Standard Webhooks: HMAC-SHA256 of id, time and body, in base64, several signatures while secrets change."""

import binascii
from base64 import b64decode, b64encode
from datetime import datetime

from hedgerow.collect.hooks.scheme import Headers, Scheme, expect, needed, recent, signed
from hedgerow.kit import HedgerowError


def _verify(secret: str, headers: Headers, body: bytes, present: datetime) -> str | None:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    delivery, stated = needed(headers, "webhook-id"), needed(headers, "webhook-timestamp")
    given = [version.partition(",") for version in needed(headers, "webhook-signature").split()]
    recent(stated, present)
    content = f"{delivery}.{stated}.".encode() + body
    expect(b64encode(signed(_key(secret), content)).decode(), [text for kind, _, text in given if kind == "v1"])
    return delivery


def _key(secret: str) -> bytes:
    text = secret.strip().removeprefix("whsec_").rstrip("=")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise HedgerowError("The secret is no base64: give it as the sender shows it, with whsec_ before it.")
    return key


SCHEME = Scheme(
    says="Standard Webhooks: webhook-signature signs webhook-id, webhook-timestamp and the body.",
    verify=_verify,
)
