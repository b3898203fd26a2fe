"""web owns the pages and the JSON API: it asks a room and shows the answer, and computes nothing."""

from hedgerow.web.app import create_app

__all__ = ["create_app"]
