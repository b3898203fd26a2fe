"""Signing up for an account or an event."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They signed up.",
    group="content",
    verbs=("register",),
    points=15,
    half_life_days=30,
    cap_per_day=30,
    cap=45,
    example="Signing up for a webinar gives 15.",
)
