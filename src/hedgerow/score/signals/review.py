"""Publishing an assessment."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They published a review.",
    group="community",
    verbs=("review",),
    points=12,
    half_life_days=90,
    cap_per_day=12,
    cap=24,
    example="A review gives 12, and a quarter more for where it stands.",
)
