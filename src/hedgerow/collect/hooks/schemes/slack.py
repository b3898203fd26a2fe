"""Slack: HMAC-SHA256 of version, time and body, in hexadecimal."""

from datetime import datetime

from hedgerow.collect.hooks.scheme import Headers, Scheme, expect, id_in, needed, recent, signed


def _verify(secret: str, headers: Headers, body: bytes, present: datetime) -> str | None:
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    given, stated = needed(headers, "x-slack-signature"), needed(headers, "x-slack-request-timestamp")
    recent(stated, present)
    expect(f"v0={signed(secret.encode(), b'v0:' + stated.encode() + b':' + body).hex()}", [given])
    return id_in(body, "event_id")


SCHEME = Scheme(says="Slack: x-slack-signature signs x-slack-request-timestamp and the body.", verify=_verify)
