"""mentions owns W3C Webmention: what is received, how a source is verified and read, what is known of a pair."""

from hedgerow.collect.mentions.receiving import JOB, receive, verify
from hedgerow.collect.mentions.states import recall

__all__ = ["JOB", "recall", "receive", "verify"]
