"""Following us."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They asked to see what we publish.",
    group="social",
    verbs=("follow",),
    when="coalesce(channel_group, '') <> 'Community'",
    points=4,
    half_life_days=60,
    cap_per_day=8,
    cap=12,
    example="Following on two networks on one day gives 4 and 4.",
)
