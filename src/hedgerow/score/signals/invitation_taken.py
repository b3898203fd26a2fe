"""Taking up an invitation."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They took up an invitation.",
    group="event",
    verbs=("accept", "tentativeaccept"),
    points=5,
    half_life_days=30,
    cap_per_day=10,
    cap=15,
    example="Saying that they will come gives 5.",
)
