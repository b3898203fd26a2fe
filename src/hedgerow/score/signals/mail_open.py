"""Opening a mail, which mail programs do unasked."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They opened a mail.",
    group="mail",
    verbs=("open",),
    points=0.5,
    half_life_days=7,
    cap_per_day=0.5,
    cap=4,
    example="Opening a mail three times on one day gives half a point: programs open mails too.",
)
