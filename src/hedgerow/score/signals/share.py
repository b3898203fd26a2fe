"""Passing on what somebody published."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They shared what was published.",
    group="social",
    verbs=("announce",),
    when="coalesce(channel_group, '') <> 'Community'",
    points=4,
    half_life_days=21,
    cap_per_day=8,
    cap=20,
    example="A reshare gives 4, a fifth more as it carries words on to others.",
)
