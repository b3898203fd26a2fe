"""Following a link of ours elsewhere than in a mail."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They followed a link of ours.",
    group="social",
    verbs=("click",),
    when="coalesce(channel_group, '') <> 'Email'",
    points=2,
    half_life_days=14,
    cap_per_day=6,
    cap=12,
    example="A click on a shared link on a network gives 2.",
)
