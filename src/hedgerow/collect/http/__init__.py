"""http owns the door that messages, visits and other people's news come through; it asks nothing of the ledger."""

from hedgerow.collect.http.door import Door

__all__ = ["Door"]
