"""GitHub: HMAC-SHA256 of the body, in hexadecimal; also of Gitea, Forgejo, Bitbucket and others that do alike."""

from datetime import datetime

from hedgerow.collect.hooks.scheme import Headers, Scheme, expect, needed, signed


def _verify(secret: str, headers: Headers, body: bytes, _: datetime) -> str | None:
    # https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    given = needed(headers, "x-hub-signature-256")
    expect(f"sha256={signed(secret.encode(), body).hex()}", [given])
    return headers.get("x-github-delivery") or None  # not signed, and signed time there is none


SCHEME = Scheme(says="GitHub: x-hub-signature-256 signs the body.", verify=_verify)
