"""An address that takes no messages."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="A message could not reach them.",
    group="against",
    verbs=("bounce",),
    points=-15,
    half_life_days=60,
    cap_per_day=15,
    cap=30,
    example="Three bounces take 15 a day, and 30 at the most.",
)
