"""Stripe: HMAC-SHA256 of time and body, in hexadecimal, both in one header."""

from datetime import datetime

from hedgerow.collect.hooks.scheme import Forged, Headers, Scheme, expect, id_in, needed, recent, signed


def _verify(secret: str, headers: Headers, body: bytes, present: datetime) -> str | None:
    # https://docs.stripe.com/webhooks/signature
    parts = [part.strip().partition("=") for part in needed(headers, "stripe-signature").split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1:
        raise Forged("The header stripe-signature has not one time t: send it as Stripe does.")
    recent(times[0], present)
    content = times[0].encode() + b"." + body
    expect(signed(secret.encode(), content).hex(), [value for name, _, value in parts if name == "v1"])
    return id_in(body, "id")


SCHEME = Scheme(says="Stripe: stripe-signature signs its time t and the body as v1.", verify=_verify)
