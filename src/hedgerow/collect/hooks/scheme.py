"""A scheme: how the sender of a webhook signs it, and what all schemes have in common."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from hedgerow.kit import HedgerowError, load_shelf, nearest

Headers = Mapping[str, str]

TOLERANCE = timedelta(minutes=5)
"""How far a signed time may lie from ours, either way."""


class Forged(HedgerowError):
    """A webhook that does not show that it comes from its sender."""


@dataclass(frozen=True)
class Scheme:
    """A way to sign webhooks.

    `verify` takes the secret, the headers (names in small letters), the body as it came, and the present. It returns
    the sender's own id of the delivery, or None where the scheme has none, and raises `Forged` with the reason.
    """

    says: str
    """One sentence: what is signed, and which header carries it."""
    verify: Callable[[str, Headers, bytes, datetime], str | None]
    needs_secret: bool = True


def scheme_shelf() -> dict[str, Scheme]:
    """Return every scheme there is, by name."""
    return load_shelf("hedgerow.collect.hooks.schemes", Scheme)


def verify(scheme: str, secret: str, headers: Headers, body: bytes, present: datetime) -> str | None:
    """Return the sender's id of a delivery (None without one) that is shown to be genuine.

    Raises `Forged` where it isn't, and `HedgerowError` for a scheme that isn't on the shelf or a secret it can't use.
    """
    shelf = scheme_shelf()
    if scheme not in shelf:
        raise HedgerowError(f"No scheme of webhooks is called '{scheme}'.{nearest(scheme, shelf)}")
    if shelf[scheme].needs_secret and not secret.strip():
        raise HedgerowError(f"The scheme {scheme} has no secret: give it the one the sender shows.")
    named = {name.lower(): value for name, value in headers.items()}
    return shelf[scheme].verify(secret, named, body, present)


def needed(headers: Headers, name: str) -> str:
    """Return a header, without space about it; raises `Forged` where it is missing."""
    value = headers.get(name, "").strip()
    if not value:
        raise Forged(f"The header {name} is missing: let the sender sign its webhooks.")
    return value


def signed(secret: bytes, content: bytes) -> bytes:
    """Return the HMAC-SHA256 of some content."""
    return hmac.digest(secret, content, "sha256")


def expect(expected: str, given: Iterable[str]) -> None:
    """Compare each signature that is given, in constant time; raises `Forged` where none is as expected."""
    matches = [hmac.compare_digest(expected.encode(), each.encode("utf-8", "replace")) for each in given]
    if not any(matches):
        raise Forged("The signature is not that of this body and secret: check the secret on both sides.")


def recent(stated: str, present: datetime) -> None:
    """Check a signed time in seconds since 1970; raises `Forged` where it lies beyond the tolerance, either way."""
    if not re.fullmatch(r"[0-9]{1,12}", stated):
        raise Forged("The signed time is no number of seconds: send it as the scheme says.")
    off = present.timestamp() - int(stated)
    if abs(off) > TOLERANCE.total_seconds():
        when = "ago" if off > 0 else "ahead"
        raise Forged(
            f"It was signed {abs(off):.0f} seconds {when}, beyond the {TOLERANCE.seconds} allowed: send it anew."
        )


def id_in(body: bytes, name: str) -> str | None:
    """Return the text called `name` in a JSON object; None where there is none. Call it once the body is genuine."""
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get(name)
        return msgspec.json.decode(found, type=str) if found else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
