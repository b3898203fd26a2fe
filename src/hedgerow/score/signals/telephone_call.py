"""Talking with sales by telephone."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They talked with sales by telephone.",
    group="sales",
    verbs=("call",),
    points=8,
    half_life_days=30,
    cap_per_day=8,
    cap=24,
    example="Two calls on one day give 8.",
)
