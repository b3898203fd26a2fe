"""hooks owns webhooks: how one shows that it comes from whom it says, a shelf of schemes, and how one is read."""

from hedgerow.collect.hooks.receiving import Unknown, received
from hedgerow.collect.hooks.scheme import Forged, Scheme, scheme_shelf, verify

__all__ = ["Forged", "Scheme", "Unknown", "received", "scheme_shelf", "verify"]
