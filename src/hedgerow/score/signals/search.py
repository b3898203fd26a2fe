"""Looking for something on the site."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They searched the site.",
    group="web",
    verbs=("search",),
    points=2,
    half_life_days=7,
    cap_per_day=4,
    cap=10,
    example="A search gives 2.",
)
