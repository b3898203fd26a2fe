"""Liking, sharing and following in a community."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They reacted in a community.",
    group="community",
    verbs=("like", "announce", "follow"),
    when="channel_group = 'Community'",
    points=1,
    half_life_days=14,
    cap_per_day=3,
    cap=8,
    example="A like in the forum gives 1.25.",
)
