"""Writing of their own accord on a social network."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They wrote on a social network.",
    group="social",
    verbs=("create", "question"),
    when="coalesce(channel_group, '') <> 'Community'",
    points=2,
    half_life_days=21,
    cap_per_day=4,
    cap=10,
    example="A post that a listening tool found gives 2.",
)
