"""Asking or posting in a community."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They asked or posted in a community.",
    group="community",
    verbs=("question", "create", "mention"),
    when="channel_group = 'Community'",
    points=6,
    half_life_days=30,
    cap_per_day=12,
    cap=36,
    example="A question in the forum gives 6, and a quarter more for where it was asked.",
)
