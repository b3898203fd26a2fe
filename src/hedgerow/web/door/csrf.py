"""The token of a write: what shows that a form was filled in on a page of ours, by the browser it was given to."""

import hashlib
import hmac

from starlette.datastructures import Headers

FIELD, HEADER = "csrf", "x-csrf-token"


def token_of(secret: str) -> str:
    """Return the token that goes with a browser's secret, its session's token; the secret can't be told from it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_token(said: str, secret: str) -> bool:
    """Return whether `said` is the token of `secret`, in a time that tells nothing; without a secret none is."""
    return bool(secret) and hmac.compare_digest(said.encode(), token_of(secret).encode())


def is_own(headers: Headers) -> bool:
    """Return whether a write comes from a page of ours, as far as the browser says where it comes from."""
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    if headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
        return False
    return origin is None or origin.lower() in (f"http://{host}", f"https://{host}")
