"""Answering in a community."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They answered somebody in a community.",
    group="community",
    verbs=("create",),
    when="relation = 'reply' and channel_group = 'Community'",
    points=8,
    half_life_days=30,
    cap_per_day=24,
    cap=48,
    example="An answer in the forum gives 8 times 1.25 for the place and 1.25 for answering: 12.5.",
)
