"""Using the product."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They did something in the product.",
    group="product",
    verbs=("track",),
    points=2,
    half_life_days=14,
    cap_per_day=6,
    cap=30,
    example="Ten things done in the product on one day give 6.",
)
