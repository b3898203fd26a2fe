"""Token: the secret itself in a header, as GitLab and many small senders do; it protects no body."""

from datetime import datetime

from hedgerow.collect.hooks.scheme import Forged, Headers, Scheme, expect

_NAMES = ("x-webhook-token", "x-gitlab-token", "x-auth-token", "x-api-key")


def _verify(secret: str, headers: Headers, _: bytes, __: datetime) -> str | None:
    kind, _space, bearer = headers.get("authorization", "").strip().partition(" ")
    given = [bearer.strip()] if kind.lower() == "bearer" else []
    given += [headers[name].strip() for name in _NAMES if name in headers]
    if not given:
        raise Forged(f"No token came with it: send it as a bearer in authorization, or in {', '.join(_NAMES)}.")
    expect(secret.strip(), given)
    return headers.get("idempotency-key") or None


SCHEME = Scheme(says="Token: the secret itself as a bearer, or in a header such as x-webhook-token.", verify=_verify)
