"""Naming us in public."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They named us in public.",
    group="social",
    verbs=("mention",),
    when="coalesce(channel_group, '') <> 'Community'",
    points=4,
    half_life_days=21,
    cap_per_day=8,
    cap=20,
    example="A mention on a network or a blog gives 4.",
)
