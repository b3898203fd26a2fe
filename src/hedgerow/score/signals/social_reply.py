"""Answering on a social network."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They answered on a social network.",
    group="social",
    verbs=("create",),
    when="relation = 'reply' and coalesce(channel_group, '') <> 'Community'",
    points=5,
    half_life_days=21,
    cap_per_day=10,
    cap=25,
    example="A reply gives 5, and a quarter more: it answers somebody.",
)
