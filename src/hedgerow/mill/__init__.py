"""mill owns the order of one turn: the tuple of steps and their cursors; it holds no rule of its own."""

from hedgerow.mill.matching import match
from hedgerow.mill.turn import STEPS, rebuild, turn

__all__ = ["STEPS", "match", "rebuild", "turn"]
