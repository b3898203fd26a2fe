"""Joining a community."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They joined a community.",
    group="community",
    verbs=("join",),
    when="channel_group = 'Community'",
    points=5,
    half_life_days=60,
    cap_per_day=5,
    cap=10,
    example="Joining the forum gives 6.25.",
)
