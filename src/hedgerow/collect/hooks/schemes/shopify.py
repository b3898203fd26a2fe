"""Shopify: HMAC-SHA256 of the body, in base64."""

from base64 import b64encode
from datetime import datetime

from hedgerow.collect.hooks.scheme import Headers, Scheme, expect, needed, signed


def _verify(secret: str, headers: Headers, body: bytes, _: datetime) -> str | None:
    # https://shopify.dev/docs/apps/build/webhooks/subscribe/https
    given = needed(headers, "x-shopify-hmac-sha256")
    expect(b64encode(signed(secret.encode(), body)).decode(), [given])
    return headers.get("x-shopify-webhook-id") or None  # not signed, and signed time there is none


SCHEME = Scheme(says="Shopify: x-shopify-hmac-sha256 signs the body.", verify=_verify)
