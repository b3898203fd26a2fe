"""kit owns what has no Hedgerow noun: errors, shelves, settings, clock, money, expressions; it imports no room."""

from hedgerow.kit.errors import HedgerowError, nearest
from hedgerow.kit.shelf import load_one, load_shelf

__all__ = ["HedgerowError", "load_one", "load_shelf", "nearest"]
