"""hooks owns how a webhook shows that it comes from whom it says: a shelf of schemes; it reads no payload."""

from hedgerow.collect.hooks.scheme import Forged, Scheme, scheme_shelf, verify

__all__ = ["Forged", "Scheme", "scheme_shelf", "verify"]
