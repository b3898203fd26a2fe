"""Leaving a community or ending a membership."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They ended a membership.",
    group="against",
    verbs=("leave",),
    points=-5,
    half_life_days=60,
    cap_per_day=5,
    cap=15,
    example="Leaving the forum takes 5.",
)
