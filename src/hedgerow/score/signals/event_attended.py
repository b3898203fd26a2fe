"""Coming to an event."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They came to an event.",
    group="event",
    verbs=("attend", "listen"),
    points=15,
    half_life_days=45,
    cap_per_day=15,
    cap=45,
    example="Coming to a webinar gives 15.",
)
