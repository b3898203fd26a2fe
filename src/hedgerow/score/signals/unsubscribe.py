"""Wanting no more messages."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They asked to get no more messages.",
    group="against",
    verbs=("unsubscribe",),
    points=-25,
    half_life_days=90,
    cap_per_day=25,
    cap=50,
    example="Unsubscribing takes 25; half of it is forgotten after 90 days.",
)
