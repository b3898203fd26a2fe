"""Meeting sales."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They met sales, in person or by video.",
    group="sales",
    verbs=("meet",),
    points=20,
    half_life_days=45,
    cap_per_day=20,
    cap=60,
    example="A meeting gives 20.",
)
