"""Liking something on a social network."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They liked something.",
    group="social",
    verbs=("like", "dislike"),
    when="coalesce(channel_group, '') <> 'Community'",
    points=1,
    half_life_days=14,
    cap_per_day=2,
    cap=6,
    example="Five likes on one day give 2.",
)
